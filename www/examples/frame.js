// Messages both ways with a frame of Lookout's. The README documents them.
const frame = document.getElementById('frame');
const said = document.getElementById('said');
const origin = new URL(frame.src).origin;
const send = (message) => frame.contentWindow.postMessage({ lookout: 1, ...message }, origin);

addEventListener('message', ({ data, source, origin: from }) => {
  // Only what comes from the frame, and from where it should be.
  if (source !== frame.contentWindow || from !== origin || data?.lookout !== 1) return;
  if (data.kind === 'ready') send({ kind: 'set' }); // says who is here: from now on the frame answers
  if (data.kind !== 'progress') said.textContent = `${JSON.stringify(data)}\n${said.textContent}`.slice(0, 3000);
});

for (const button of document.querySelectorAll('[data-set]')) {
  button.addEventListener('click', () => send({ kind: 'set', ...JSON.parse(button.dataset.set) }));
}
document.getElementById('results').addEventListener('click', () => send({ kind: 'results', id: 1 }));
