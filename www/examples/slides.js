// What reveal.js does to slides, in a few lines: all but the present one are hidden.
const slides = [...document.querySelectorAll('.slides > section')];
let at = 0;

function show(index) {
  at = Math.min(Math.max(index, 0), slides.length - 1);
  slides.forEach((slide, index) => (slide.hidden = index !== at));
  document.getElementById('place').textContent = `Slide ${at + 1} of ${slides.length}`;
}

document.getElementById('back').addEventListener('click', () => show(at - 1));
document.getElementById('next').addEventListener('click', () => show(at + 1));
addEventListener('keydown', (event) => {
  if (event.key === 'ArrowRight') show(at + 1);
  if (event.key === 'ArrowLeft') show(at - 1);
});
show(0);
