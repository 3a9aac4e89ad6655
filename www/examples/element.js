// What a course page might do with the element: follow its events, change its attributes, ask for results.
const element = document.getElementById('first');
const said = document.getElementById('said');
const say = (line) => (said.textContent = `${line}\n${said.textContent}`.slice(0, 2000));

for (const name of ['ready', 'result', 'stage', 'error']) {
  element.addEventListener(name, (event) => say(`${name} ${JSON.stringify(event.detail)}`));
}
element.addEventListener('result', ({ detail }) => {
  document.getElementById('caption').textContent = `${detail.headline} by ${detail.system}.`;
});

for (const name of ['task', 'controls', 'score']) {
  document.getElementById(name).addEventListener('input', (event) => (element[name] = event.target.value));
}
document.getElementById('file').addEventListener('change', async (event) => {
  const [file] = event.target.files;
  if (file) say(`opened ${JSON.stringify(await element.open(file).catch((error) => error.message))}`);
});
document.getElementById('results').addEventListener('click', async () => {
  const results = await element.results().catch((error) => error.message);
  say(JSON.stringify(results));
});
