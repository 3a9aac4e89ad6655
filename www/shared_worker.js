// One worker for all frames of a page, so that module, weights and memory are there once.
//
// The frames find each other by the name that `lookout.js` gives them. One of them holds a Web Lock, starts the worker and
// keeps both; the others join through it and speak to the worker on channels of their own. They wait for the lock, too: who
// gets it knows that the worker is gone, whatever has become of it and its frame. The page around the frames takes no part:
// what the frames tell the worker, photos among it, does not pass through it. (Ports would have to: frames in shadow trees do not
// find each other's windows.)

/** Milliseconds in which a frame that has a worker answers; then this one starts its own. */
const PATIENCE = 5000;
/** As long, when this frame has left a worker: it is perhaps being replaced. */
const PATIENCE_AFTER = 1000;

/** The workers that this frame has joined and left, e.g. because they have failed: it does not join them again. */
const left = new Set();

/** A worker of this frame's or of another's, with a Worker's methods; its `onerror` hears `gone` if another's is no more. */
export class WorkerConnection {
  onmessage = null;
  onmessageerror = null;
  onerror = null;
  #address;
  /** Where frames ask for a worker and offer theirs. */
  #channel;
  /** Names the worker, once it is started or joined. */
  #id = null;
  /** The worker of this frame, or the channel to that of another one. */
  #worker = null;
  #member = null;
  /** Whether the others are told of this frame's worker. */
  #isOffered = false;
  /** Whether the worker that was joined is no more. */
  #isGone = false;
  /** What is to be sent as soon as there is a worker. */
  #queue = [];
  #patience;
  #release;
  #closed = new Promise((resolve) => (this.#release = resolve));
  #abort = new AbortController();

  constructor(address) {
    this.#address = address;
    const name = `lookout-worker ${self.name} ${new URL(address, document.baseURI)}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#hold(name, () => this.#elect());
    this.#channel.postMessage({ who: true });
    this.#patience = setTimeout(() => this.#open(), left.size > 0 ? PATIENCE_AFTER : PATIENCE);
  }

  postMessage(message, transfer) {
    if (this.#worker) this.#worker.postMessage(message, transfer ?? []);
    else if (this.#member?.hasJoined) this.#member.channel.postMessage(message);
    else this.#queue.push([message, transfer]);
  }

  terminate() {
    clearTimeout(this.#patience);
    this.#worker?.terminate();
    if (this.#member) {
      if (!this.#isGone) left.add(this.#id);
      this.#member.channel.close();
    }
    this.#channel.close();
    this.#abort.abort();
    this.#release();
  }

  /** Asks for a lock; `begin`, called with it, says whether it is kept until this connection is closed. */
  #hold(name, begin) {
    const { signal } = this.#abort;
    const hold = () => (!signal.aborted && begin() ? this.#closed : undefined);
    // Where storage is refused, locks are: there are no others to share with then.
    navigator.locks.request(name, { signal }, hold).catch(() => signal.aborted || this.#open());
  }

  /** No frame has a worker, or no longer. */
  #elect() {
    if (this.#member) return this.#lose();
    this.#open();
    this.#isOffered = this.#worker !== null;
    this.#offer();
    return this.#isOffered;
  }

  #offer() {
    if (this.#isOffered) this.#channel.postMessage({ worker: this.#id });
  }

  #hear({ who, worker, join, to }) {
    if (who) this.#offer();
    else if (join && to === this.#id) this.#worker?.postMessage({ join });
    else if (worker && this.#member) worker === this.#id || this.#lose();
    else if (worker && !this.#worker && !left.has(worker)) this.#join(worker);
  }

  /** Starts a worker, unless there is one. */
  #open() {
    clearTimeout(this.#patience);
    if (this.#worker || this.#member) return;
    this.#id = crypto.randomUUID();
    try {
      this.#worker = new Worker(this.#address, { type: 'module' });
    } catch (error) {
      this.onerror?.(new ErrorEvent('error', { message: String(error) }));
      return;
    }
    this.#worker.onmessage = (event) => this.onmessage?.(event);
    this.#worker.onmessageerror = (event) => this.onmessageerror?.(event);
    this.#worker.onerror = (event) => this.onerror?.(event);
    this.#flush();
  }

  #join(worker) {
    clearTimeout(this.#patience);
    this.#id = worker;
    // The worker serves this frame until it lets go of the lock.
    const name = `lookout-client ${crypto.randomUUID()}`;
    const channel = new BroadcastChannel(name);
    this.#member = { channel, hasJoined: false };
    channel.onmessage = (event) => {
      if (!event.data.joined) return this.onmessage?.(event);
      this.#member.hasJoined = true;
      this.#flush();
    };
    channel.onmessageerror = (event) => this.onmessageerror?.(event);
    this.#hold(name, () => {
      this.#channel.postMessage({ join: name, to: worker });
      return true;
    });
  }

  #flush() {
    for (const [message, transfer] of this.#queue.splice(0)) this.postMessage(message, transfer);
  }

  /** The worker that was joined is gone. */
  #lose() {
    this.#isGone = true;
    this.onerror?.(new Event('gone'));
    return false;
  }
}
