// A click on a segment plays it, one elsewhere on a chart with a time axis plays from there.
const LEAD_SECONDS = 0.3;  // before a mark, so that what it marks is not cut off
const tell = (name, detail) => {
  const box = document.querySelector('#report-player .mk-player');
  if (box) box.parentElement.dispatchEvent(new CustomEvent(name, {detail}));
};
const ask = (detail) => tell('mk-play', detail);
new MutationObserver(() => {
  const rows = [...element.querySelectorAll('li[data-start]')].map((row) => (
    {id: row.dataset.take, start: Number(row.dataset.start), kind: row.dataset.kind}));
  if (rows.length) tell('mk-decisions', rows);
}).observe(element, {childList: true, subtree: true, attributes: true, attributeFilter: ['data-kind']});
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
