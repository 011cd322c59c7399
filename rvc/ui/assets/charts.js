// A click on a segment plays it, one elsewhere on a chart with a time axis plays from there.
const LEAD_SECONDS = 0.3;  // before a mark, so that what it marks is not cut off
const ask = (detail) => {
  const box = document.querySelector('#report-player .mk-player');
  if (box) box.parentElement.dispatchEvent(new CustomEvent('mk-play', {detail}));
};
element.addEventListener('click', (event) => {
  const piece = event.target.closest('[data-at]'), chart = event.target.closest('svg[data-seconds]');
  const sections = [...element.querySelectorAll('section.mk-take')];
  const id = piece && piece.dataset.take !== undefined
    ? piece.dataset.take : String(sections.indexOf(event.target.closest('section.mk-take')));
  if (piece) return ask({id, at: Number(piece.dataset.at), until: Number(piece.dataset.until)});
  if (!chart) return;
  const {seconds, left, right} = chart.dataset;
  const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
  const share = (place.x - left) / (right - left);
  if (share >= 0 && share <= 1) ask({id, at: Math.max(0, share * seconds - LEAD_SECONDS)});
});
