// <look-out>: Lookout on another page, in a frame of the folder that this file lies in.
//
//   <script src="https://example.org/lookout/lookout.js" async></script>
//   <look-out src="photo.jpg" task="boxes" system="faster-rcnn" stage="rpn" controls="few">
//     <a href="https://example.org/lookout/"><img src="photo.jpg" alt="Two horses in a meadow"></a>
//   </look-out>
//
// An ordinary script or a module, as you like; it has no dependencies and may be there twice. The README documents the
// attributes, methods and events, and the messages below for those who want a frame of their own.
(() => {
  'use strict';

  const NAME = 'look-out';
  if (!self.customElements || customElements.get(NAME)) return;

  /** Where this file lies: its folder is what the frames show. */
  const BASE = new URL('./', document.currentScript?.src || ownAddress());

  /** What all frames of this page are called, and no others: those of one name share a worker (`shared_worker.js`). */
  const PAGE = `lookout-page ${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;

  /** The version of the messages. */
  const VERSION = 1;
  /** Settings of the page's address, each an attribute; `src` is the photo. */
  const SETTINGS = [
    'task', 'system', 'inside', 'stage', 'compare', 'without', 'score', 'iou', 'nms', 'joint-score', 'joints', 'opacity',
    'outline', 'closer', 'hide', 'hide-layers', 'figure', 'set', 'sample', 'lesson', 'step', 'controls', 'backend', 'theme',
    'lang',
  ];
  /** Attributes about the element itself. */
  const OWN = ['src', 'ratio', 'height', 'label'];
  /** Settings that are also properties under their own names. */
  const PROPERTIES = ['task', 'system', 'stage', 'score', 'controls', 'sample', 'theme', 'figure', 'lesson', 'step', 'src', 'ratio', 'label'];

  /** CSS pixels from the screen at which a frame begins to load. */
  const NEAR = 400;
  /** Milliseconds in which the page in the frame should have begun to speak. */
  const PATIENCE = 30_000;
  /** As long after its frame has loaded something. */
  const PATIENCE_LOADED = 12_000;
  /** Heights and widths in CSS pixels as `css/frame.css` has them. */
  const LAYOUT = { wide: 720, panel: 320, below: 300, strip: 190, stage: 720, whole: 720, figure: 760 };
  /** Width over height of a photo of which nothing is known. */
  const USUAL_RATIO = 3 / 2;

  /** Everything that the element itself says, by its language, which is that of its frame, too. */
  const WORDS = {
    en: {
      label: () => 'Lookout: what is where in this photo',
      open: () => 'Open Lookout',
      again: () => 'Try again',
      notShown: (host) => `Lookout did not start in its frame: ${host} may not let other pages show it (X-Frame-Options, frame-ancestors).`,
      notThere: (host) => `Lookout cannot be reached at ${host}: check the connection, then try again.`,
      forbidden: (origin) => `The policy of this page does not let it show Lookout: it has to add frame-src ${origin}.`,
      removed: () => 'The element was taken out of the page.',
      restarted: () => 'It is tried again.',
      outside: () => 'The element is not in a page.',
    },
    de: {
      label: () => 'Lookout: was ist wo auf diesem Foto',
      open: () => 'Lookout öffnen',
      again: () => 'Noch einmal versuchen',
      notShown: (host) => `Lookout ist in seinem Rahmen nicht gestartet: ${host} erlaubt anderen Seiten vielleicht nicht, es zu zeigen (X-Frame-Options, frame-ancestors).`,
      notThere: (host) => `Lookout ist unter ${host} nicht zu erreichen: Prüfen Sie die Verbindung und versuchen Sie es noch einmal.`,
      forbidden: (origin) => `Die Richtlinie dieser Seite lässt Lookout nicht zu: Ihr fehlt frame-src ${origin}.`,
      removed: () => 'Das Element wurde aus der Seite entfernt.',
      restarted: () => 'Es wird noch einmal versucht.',
      outside: () => 'Das Element steht in keiner Seite.',
    },
  };

  const STYLE = `
    :host { display: block; position: relative; color-scheme: light dark; }
    :host([hidden]) { display: none; }
    .box { position: relative; overflow: clip; background: var(--look-out-background, transparent);
      border: var(--look-out-border, 0); border-radius: var(--look-out-radius, 8px); }
    iframe { position: absolute; inset: 0; display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
    .box:not([data-shown]) iframe { opacity: 0; pointer-events: none; }
    .box[data-shown] .poster { visibility: hidden; }
    .poster { position: absolute; inset: 0; overflow: hidden; }
    ::slotted(*) { display: block; max-width: 100%; }
    ::slotted(img) { width: 100%; height: 100%; object-fit: contain; }
    .panel { position: absolute; right: 12px; bottom: 12px; left: 12px; display: flex; flex-wrap: wrap; align-items: center;
      gap: 6px 16px; padding: 12px 16px; border: 1px solid var(--look-out-line, #8a8a86); border-radius: 10px;
      background: var(--look-out-paper, Canvas); color: var(--look-out-ink, CanvasText);
      font: var(--look-out-font, 0.9375rem/1.4 system-ui, sans-serif); }
    .panel[hidden] { display: none; }
    .panel p { flex: 1 1 16em; margin: 0; }
    .panel a, .panel button { padding: 4px 0; border: 0; background: none; color: inherit; font: inherit;
      text-decoration: underline; cursor: pointer; }
    .panel :focus-visible { outline: 2px solid currentcolor; outline-offset: 3px; }
  `;

  /** The address of this file when it runs as a module, which has no `currentScript`. */
  function ownAddress() {
    const place = /[a-z]+:\/\/[^\s()]+?lookout\.js/.exec(new Error().stack ?? '')?.[0];
    return place ?? [...document.scripts].find((it) => /lookout\.js(\?|$)/.test(it.src))?.src ?? document.baseURI;
  }

  /** Whether the page has run its own scripts: `interactive` begins before the deferred ones. */
  function isReady() {
    if (document.readyState === 'complete') return true;
    return performance.getEntriesByType('navigation')[0]?.domContentLoadedEventStart > 0;
  }

  let sheet;
  /** The style sheet, shared by all elements; a policy against inline styles does not reach it. */
  function style() {
    sheet ??= new CSSStyleSheet();
    if (sheet.cssRules.length === 0) sheet.replaceSync(STYLE);
    return sheet;
  }

  function make(name, properties = {}, children = []) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  /** A ratio as CSS writes it: "3/2", "3 / 2" or "1.5". */
  function ratioOf(text) {
    const [width, height = 1] = (text ?? '').split('/').map(Number);
    const ratio = width / height;
    return ratio > 0 && Number.isFinite(ratio) ? ratio : null;
  }

  class LookOut extends HTMLElement {
    static observedAttributes = [...SETTINGS, ...OWN];

    #box;
    #poster;
    #panel;
    #frame = null;
    /** What the frame was last told of each setting. */
    #told = new Map();
    #isReady = false;
    #isQueued = false;
    #near = null;
    #resized = null;
    /** Notices another language of the page round the element. */
    #languages = new MutationObserver(() => this.#onLanguage());
    #timer = 0;
    #height = null;
    #number = 0;
    /** Those who wait for an answer, by the number of their question. */
    #waiting = new Map();
    /** A photo that was opened by script: `{ file, name }` or `{ address }`. */
    #opened = null;
    #state = 'waiting';
    #query = '';
    #result = null;

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [style()];
      this.#poster = make('div', { className: 'poster' }, [make('slot')]);
      this.#panel = make('div', { className: 'panel', hidden: true });
      this.#panel.setAttribute('role', 'status');
      this.#panel.setAttribute('part', 'panel');
      this.#box = make('div', { className: 'box' }, [this.#poster, this.#panel]);
      this.#box.setAttribute('part', 'box');
      root.append(this.#box);
    }

    // What pages read and call.

    /** How far it is: waiting, starting, then as the page says (empty, opening, loading, running, done, cancelled, error). */
    get state() {
      return this.#state;
    }

    /** The query of the address that brings back what is on show. */
    get query() {
      return this.#query;
    }

    /** The newest result in a few words, or null: task, system, headline, count, photo, width, height. */
    get result() {
      return this.#result;
    }

    /** Whether the page in the frame listens. */
    get ready() {
      return this.#isReady;
    }

    /**
     * What was found on the photo on show, as soon as that is known.
     * @param {'results' | 'dataset'} [format] COCO's results array, or an annotation file
     */
    results(format = 'results') {
      return this.#ask({ kind: 'results', format }).then((answer) => answer.results);
    }

    /**
     * Opens a photo: a File, a Blob or an address.
     * @returns its name and size, once it is on show
     */
    open(photo) {
      const isFile = photo instanceof Blob;
      this.#opened = isFile ? { file: photo, name: photo.name ?? '' } : { address: this.#absolute(String(photo)) };
      if (!this.#isReady) {
        this.#start();
        return new Promise((resolve, reject) => (this.#opened.then = { resolve, reject }));
      }
      return this.#openNow();
    }

    /** Loads the frame now, wherever it is. */
    load() {
      if (this.isConnected) this.#start();
    }

    // What the browser calls.

    connectedCallback() {
      // What a script has set before this one was there lies on the element itself and hides the property.
      for (const name of PROPERTIES) {
        if (!Object.hasOwn(this, name)) continue;
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
      this.#resized = new ResizeObserver(() => this.#size());
      this.#resized.observe(this);
      this.#languages.observe(document, { attributes: true, attributeFilter: ['lang'], subtree: true });
      this.#poster.addEventListener('load', this.#onPoster, true);
      document.addEventListener('securitypolicyviolation', this.#onViolation);
      addEventListener('message', this.#onMessage);
      this.#size();
      // Scripts of the page hide slides and tabs before it is ready: what they hide must not load.
      if (isReady()) this.#watch();
      else document.addEventListener('DOMContentLoaded', this.#watch, { once: true });
    }

    disconnectedCallback() {
      document.removeEventListener('DOMContentLoaded', this.#watch);
      this.#near?.disconnect();
      this.#resized?.disconnect();
      this.#languages.disconnect();
      this.#poster.removeEventListener('load', this.#onPoster, true);
      document.removeEventListener('securitypolicyviolation', this.#onViolation);
      removeEventListener('message', this.#onMessage);
      this.#stop(this.#words('removed'));
      this.#panel.hidden = true;
      this.#say('waiting');
    }

    /** Moved by `moveBefore`: the frame stays as it is, perhaps in another language. */
    connectedMoveCallback() {
      this.#onLanguage();
    }

    attributeChangedCallback(name, before, now) {
      if (before === now) return;
      if (name === 'lang') return this.#onLanguage();
      if (name === 'label' && this.#frame) this.#frame.title = this.#label();
      if (['ratio', 'height', 'controls', 'figure', 'lesson'].includes(name)) {
        this.#height = null;
        this.#size();
      }
      if (name === 'src') {
        this.#opened = null;
        if (this.#isReady && now) this.#openSource();
      }
      if (SETTINGS.includes(name)) this.#queueSettings();
    }

    /** The language of the element may be another now, and with it that of the frame. */
    #onLanguage() {
      if (!this.#frame) return;
      this.#frame.title = this.#label();
      if (this.#told.get('lang') !== this.#settings().get('lang')) this.#queueSettings();
    }

    #queueSettings() {
      if (!this.#frame || this.#isQueued) return;
      // Several attributes that change together are one message.
      this.#isQueued = true;
      queueMicrotask(() => {
        this.#isQueued = false;
        if (this.#isReady) this.#tellSettings();
      });
    }

    // The frame.

    /** Starts when the element comes near the screen. */
    #watch = () => {
      if (!this.isConnected || this.#frame) return;
      if (!('IntersectionObserver' in self)) return this.#start();
      this.#near = new IntersectionObserver(
        (entries) => entries.some((entry) => entry.isIntersecting) && this.#start(),
        { rootMargin: `${NEAR}px` },
      );
      this.#near.observe(this);
    };

    #start() {
      if (this.#frame || !this.isConnected) return;
      this.#near?.disconnect();
      this.#panel.hidden = true;
      const address = new URL('index.html', BASE);
      this.#told = this.#settings();
      for (const [name, value] of this.#told) if (value !== '') address.searchParams.set(name, value);
      const frame = make('iframe', { name: PAGE, title: this.#label(), allow: 'camera; clipboard-write; fullscreen', src: address.href });
      frame.setAttribute('part', 'frame');
      frame.addEventListener('load', () => this.#await(PATIENCE_LOADED));
      this.#frame = frame;
      this.#say('starting');
      this.#await(PATIENCE);
      this.#box.insertBefore(frame, this.#panel);
    }

    #stop(why) {
      clearTimeout(this.#timer);
      this.#frame?.remove();
      this.#frame = null;
      this.#isReady = false;
      this.#height = null;
      this.#result = null;
      delete this.#box.dataset.shown;
      const { then } = this.#opened ?? {};
      then?.reject(new Error(why));
      if (then) this.#opened.then = null;
      for (const { reject } of this.#waiting.values()) reject(new Error(why));
      this.#waiting.clear();
    }

    /** Says after a while that the page in the frame does not speak, and why, as far as that can be known. */
    #await(patience) {
      clearTimeout(this.#timer);
      if (this.#isReady) return;
      this.#timer = setTimeout(async () => {
        const frame = this.#frame;
        const isThere = await fetch(new URL('manifest.json', BASE), { mode: 'no-cors', cache: 'no-store' }).then(
          () => true,
          () => false,
        );
        if (this.#frame !== frame || this.#isReady) return;
        const { host } = BASE;
        this.#fail(this.#words(isThere ? 'notShown' : 'notThere', host));
      }, patience);
    }

    #onViolation = (event) => {
      const isFrame = ['frame-src', 'child-src', 'default-src'].includes(event.effectiveDirective);
      if (isFrame && this.#frame && !this.#isReady && event.blockedURI.startsWith(BASE.origin)) {
        this.#fail(this.#words('forbidden', BASE.origin));
      }
    };

    #fail(sentence) {
      clearTimeout(this.#timer);
      const link = make('a', { href: new URL(`index.html${this.#query}`, BASE).href, target: '_blank', textContent: this.#words('open') });
      const again = make('button', { type: 'button', textContent: this.#words('again') });
      again.addEventListener('click', () => {
        this.#stop(this.#words('restarted'));
        this.#start();
      });
      this.#panel.replaceChildren(make('p', { textContent: sentence }), link, again);
      this.#panel.hidden = false;
      delete this.#box.dataset.shown;
      this.#say('error');
      this.#emit('error', { sentence });
    }

    // Messages.

    #post(message) {
      this.#frame?.contentWindow?.postMessage({ lookout: VERSION, ...message }, BASE.protocol === 'file:' ? '*' : BASE.origin);
    }

    #ask(message) {
      return new Promise((resolve, reject) => {
        if (!this.isConnected) return reject(new Error(this.#words('outside')));
        this.#start();
        const id = (this.#number += 1);
        this.#waiting.set(id, { resolve, reject, message });
        if (this.#isReady) this.#post({ ...message, id });
      });
    }

    #onMessage = (event) => {
      const { data, source, origin } = event;
      if (data?.lookout !== VERSION || !this.#frame || source !== this.#frame.contentWindow) return;
      if (origin !== BASE.origin && !(data.fatal && origin === 'null')) return;
      const waiting = data.id === undefined ? null : this.#waiting.get(data.id);
      if (waiting) {
        this.#waiting.delete(data.id);
        if (data.kind === 'error') waiting.reject(new Error(data.sentence));
        else waiting.resolve(data);
      }
      const { lookout, kind, id, ...detail } = data;
      this.#hear(kind, detail, waiting);
    };

    #hear(kind, detail, waiting) {
      switch (kind) {
        case 'ready':
          return this.#begin(detail);
        case 'progress':
          this.#say(detail.state);
          if (detail.state !== 'opening') this.#box.dataset.shown = '';
          return this.#emit('progress', detail);
        case 'result':
          this.#result = detail;
          this.#size();
          return this.#emit('result', detail);
        case 'stage':
          return this.#emit('stage', detail);
        case 'state':
          this.#query = detail.query;
          return;
        case 'height':
          // Before there is a photo the page is lower than it is going to be.
          if (['starting', 'empty', 'opening'].includes(this.#state)) return;
          this.#height = detail.height;
          return this.#size();
        case 'error':
          if (detail.fatal) return this.#fail(detail.sentence);
          // Those who asked are told by their promise.
          if (!waiting) this.#emit('error', detail);
      }
    }

    /** The page in the frame listens: it is told what has changed since, gets its photo and what was asked. */
    #begin(detail) {
      clearTimeout(this.#timer);
      this.#isReady = true;
      this.#panel.hidden = true;
      this.#tellSettings();
      if (this.#opened) {
        const { then } = this.#opened;
        this.#opened.then = null;
        this.#openNow().then(then?.resolve, then?.reject ?? (() => {}));
      } else if (this.getAttribute('src')) {
        this.#openSource();
      }
      for (const [id, { message }] of this.#waiting) if (message.kind === 'results') this.#post({ ...message, id });
      this.#emit('ready', detail);
    }

    /** Sends the settings that differ from what the frame was told; an empty message says who is here. */
    #tellSettings() {
      const now = this.#settings();
      const changes = {};
      for (const [name, value] of now) if (this.#told.get(name) !== value) changes[name] = value;
      this.#told = now;
      this.#post({ kind: 'set', ...changes });
    }

    /** All settings as the page's address has them; an empty one is the usual one. */
    #settings() {
      const settings = new Map();
      for (const name of SETTINGS) {
        const value = this.getAttribute(name);
        const isFlag = ['inside', 'compare', 'outline'].includes(name);
        settings.set(name, isFlag && value !== null && value !== '0' ? '1' : (value ?? '').trim());
      }
      if (settings.get('stage')) settings.set('inside', '1');
      settings.set('lang', this.#language() === 'en' ? '' : this.#language());
      const lesson = settings.get('lesson');
      if (/[./]/.test(lesson)) settings.set('lesson', this.#absolute(lesson));
      settings.set('fit', this.#fits() ? 'content' : '');
      return settings;
    }

    // Photos.

    async #openSource() {
      const address = this.#absolute(this.getAttribute('src'));
      // The page around the frame may read photos of its own site; what it may not, the frame tries.
      const file = await fetch(address)
        .then((response) => (response.ok ? response.blob() : null))
        .catch(() => null);
      if (!this.#isReady || this.#opened || this.#absolute(this.getAttribute('src')) !== address) return;
      const name = decodeURIComponent(new URL(address).pathname.split('/').pop());
      const photo = file?.type.startsWith('image/') ? { file, name, address } : { address };
      this.#ask({ kind: 'open', ...photo }).catch((error) => this.#emit('error', { sentence: error.message }));
    }

    #openNow() {
      const { file, name, address } = this.#opened;
      return this.#ask({ kind: 'open', ...(file ? { file, name } : { address }) }).then(({ name, width, height }) => ({ name, width, height }));
    }

    #absolute(address) {
      try {
        return new URL(address, document.baseURI).href;
      } catch {
        return address;
      }
    }

    // Size.

    /** Whether the frame is as high as what it shows. */
    #fits() {
      if (this.hasAttribute('height') || this.getAttribute('lesson')) return false;
      return this.hasAttribute('figure') || ['none', 'few'].includes(this.getAttribute('controls'));
    }

    #size() {
      const fixed = Number.parseFloat(this.getAttribute('height'));
      // Parts of the page arrive one after another: before there is a result it is not lower than it is going to be.
      const told = this.#result ? this.#height : Math.max(this.#height ?? 0, this.#reserved());
      const height = fixed > 0 ? fixed : this.#fits() ? (told ?? this.#reserved()) : LAYOUT.whole;
      this.#box.style.height = `${Math.ceil(height)}px`;
    }

    /** The height that the frame is going to have, as far as that is known before it is there. */
    #reserved() {
      const width = this.clientWidth || 640;
      if (this.hasAttribute('figure')) return LAYOUT.figure;
      const image = this.querySelector('img');
      const known = image?.naturalWidth ? image.naturalWidth / image.naturalHeight : null;
      const given = image?.getAttribute('width') / image?.getAttribute('height');
      const ratio = ratioOf(this.getAttribute('ratio')) ?? known ?? (given > 0 && Number.isFinite(given) ? given : USUAL_RATIO);
      const hasPanel = this.getAttribute('controls') === 'few';
      const isWide = width >= LAYOUT.wide;
      const stage = Math.min(LAYOUT.stage, (width - (hasPanel && isWide ? LAYOUT.panel : 0)) / ratio);
      const hasStrip = hasPanel && ['stage', 'inside'].some((name) => this.getAttribute(name));
      return stage + (hasPanel && !isWide ? LAYOUT.below : 0) + (hasStrip ? LAYOUT.strip : 0);
    }

    #onPoster = () => {
      if (this.#height === null) this.#size();
    };

    #label() {
      return this.getAttribute('label') || this.#words('label');
    }

    /** The element's language, or that of the page round it, as far as it is one of those above; English otherwise. */
    #language() {
      const language = this.closest('[lang]')?.lang.split('-')[0].toLowerCase();
      return Object.hasOwn(WORDS, language) ? language : 'en';
    }

    /** A sentence in the element's language. */
    #words(name, ...about) {
      return WORDS[this.#language()][name](...about);
    }

    #say(state) {
      this.#state = state;
      this.setAttribute('data-state', state);
    }

    #emit(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { detail }));
    }
  }

  for (const name of PROPERTIES) {
    Object.defineProperty(LookOut.prototype, name, {
      get() {
        return this.getAttribute(name);
      },
      set(value) {
        if (value === null || value === undefined) this.removeAttribute(name);
        else this.setAttribute(name, value);
      },
      enumerable: true,
      configurable: true,
    });
  }

  customElements.define(NAME, LookOut);
})();
