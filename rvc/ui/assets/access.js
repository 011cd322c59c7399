// What Gradio leaves out for the keyboard and screen readers: arrow keys between tabs, labels of its
// buttons in the page's language, and a place for the focus when the focused element goes away.
const TABBABLE = 'button, a[href], input, select, textarea, summary, [tabindex="0"]';
const REVEAL_WAIT_MS = 300;  // until the page stands still
const FOCUS_WAIT_MS = 250;  // for an update that draws a list anew
const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
const usable = (e) => e.isConnected && !e.disabled && shown(e);

document.addEventListener('keydown', (event) => {
  const tab = event.target.closest('[role="tab"]');
  if (!tab || event.altKey || event.ctrlKey || event.metaKey) return;
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')].filter(usable);
  const last = tabs.length - 1, at = tabs.indexOf(tab);
  const to = {ArrowLeft: at ? at - 1 : last, ArrowRight: at < last ? at + 1 : 0, Home: 0, End: last}[event.key];
  if (to === undefined) return;
  event.preventDefault();
  tabs[to].click();
  tabs[to].focus();
});

// Gradio writes these labels in English; a number in one is kept.
const labels = props.labels[code];
const translated = (label) => {
  const [number] = label.match(/[\d.]+/) || [''];
  const known = labels[label.replace(number, '{number}')] || labels[label];
  return known && known.replace('{number}', number);
};
const unscrollable = new CSSStyleSheet();
unscrollable.replaceSync('.scroll { overflow-x: hidden !important; }');
// A name must contain the text that is seen; a waveform that fits needs no place to scroll.
const mend = (root) => {
  const all = (selector) => [...(root.matches(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const e of all('.upload-container[aria-label]')) e.removeAttribute('aria-label');
  for (const e of all('button.playback')) {
    const label = e.getAttribute('aria-label') || '', text = e.textContent.trim();
    if (!label.includes(text)) e.setAttribute('aria-label', `${text} · ${label.split(' · ').pop()}`);
  }
  for (const e of all('.wrap > .head input, input[type=range]')) {
    const label = e.getAttribute('aria-label') || '', name = label.replace(/^(range slider|number input) for /, '');
    if (name !== label) e.setAttribute('aria-label', name);
  }
  for (const e of all('div.empty[aria-label]')) e.setAttribute('role', 'img');
  for (const e of all('footer img')) e.alt = '';
  for (const e of all('.waveform-container div')) if (e.shadowRoot) e.shadowRoot.adoptedStyleSheets = [unscrollable];
};
const translate = (root) => {
  for (const e of [root, ...root.querySelectorAll('[aria-label], [title]')]) {
    for (const name of ['aria-label', 'title']) {
      const better = translated(e.getAttribute(name) || '');
      if (better && better !== e.getAttribute(name)) e.setAttribute(name, better);
    }
  }
  mend(root);
};

let focused = null;  // {element, place} that had the focus, until the person leaves it
const place = (element) => {
  const area = element.closest('[id]');
  const alike = area ? [...area.querySelectorAll(element.tagName)].filter((e) => e.dataset.act === element.dataset.act) : [];
  return {area: area && area.id, tag: element.tagName, act: element.dataset.act, at: alike.indexOf(element)};
};
// The same control drawn anew; in a list that became shorter, the one that took its place.
const again = ({area, tag, act, at}) => {
  const root = area && document.getElementById(area);
  if (!root || !shown(root)) return null;
  if (root.tagName === tag && usable(root)) return root;
  const alike = [...root.querySelectorAll(tag)].filter((e) => e.dataset.act === act && usable(e));
  return alike[Math.min(Math.max(at, 0), alike.length - 1)] || null;
};
const nearby = (element, {area}) => {
  let root = element.isConnected ? element : area && document.getElementById(area);
  for (root = root && root.parentElement; root && !root.closest('[role="tablist"]'); root = root.parentElement) {
    const near = shown(root) && [...root.querySelectorAll(TABBABLE)].find((e) => usable(e) && e.tabIndex >= 0);
    if (root.getAttribute('role') === 'tabpanel' || root === document.body) break;
    if (near) return near;
  }
  return document.querySelector('[role="tab"][aria-selected="true"]');
};
const lost = () => focused && document.activeElement === document.body && !usable(focused.element);
let waiting = 0;
const keepFocus = () => {
  if (!lost()) return;
  const same = again(focused.place);
  if (same) return same.focus();
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (!lost()) return;
    const found = again(focused.place) || nearby(focused.element, focused.place);
    if (found) found.focus();
  }, FOCUS_WAIT_MS);
};
document.addEventListener('focusin', ({target}) => { focused = {element: target, place: place(target)}; });
document.addEventListener('focusout', ({target, relatedTarget}) => setTimeout(() => {
  if (relatedTarget || !focused || focused.element !== target) return;
  if (usable(target)) focused = null;  // the person left it for the page itself
  else keepFocus();
}));

// What went wrong out of sight is scrolled to; in a tab that is not open, when it is opened.
const PROBLEMS = '.mk-problem, .mk-refused';
const unseen = new Set(), refused = new Set();
const note = (root) => {
  for (const problem of [...(root.matches(PROBLEMS) ? [root] : []), ...root.querySelectorAll(PROBLEMS)]) {
    const {id} = problem.querySelector('[data-id]')?.dataset ?? {};
    const known = problem.matches('.mk-refused') && refused.has(id);  // its list is drawn anew
    refused.add(id);
    if (!known && navigator.userActivation?.hasBeenActive !== false) unseen.add(problem);
  }
};
let revealing = 0;
const reveal = () => {
  clearTimeout(revealing);
  if (unseen.size) revealing = setTimeout(revealNow, REVEAL_WAIT_MS);
};
const revealNow = () => {
  for (const problem of unseen) {
    if (problem.isConnected && !shown(problem)) continue;
    unseen.delete(problem);
    if (problem.isConnected) problem.scrollIntoView({block: 'nearest'});
  }
};

new MutationObserver((changes) => {
  for (const {target, addedNodes, type} of changes) {
    if (type === 'attributes') translate(target);
    addedNodes.forEach((node) => {
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      translate(node);
      note(node);
    });
  }
  keepFocus();
  reveal();
}).observe(document.body, {
  childList: true, subtree: true, attributes: true, attributeFilter: ['aria-label', 'title', 'disabled', 'class', 'hidden'],
});
translate(document.body);
