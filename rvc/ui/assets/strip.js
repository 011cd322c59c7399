// The strip opens tabs, and marks the one that is open.
const tabOf = (name) => document.getElementById(`tab-${name}-button`);
const mark = () => {
  for (const button of element.querySelectorAll('[data-step]')) {
    const tab = tabOf(button.dataset.step);
    const open = tab && tab.getAttribute('aria-selected') === 'true';
    if (open) button.setAttribute('aria-current', 'step');
    else button.removeAttribute('aria-current');
  }
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-step]');
  const tab = button && tabOf(button.dataset.step);
  if (tab) tab.click();
});
new MutationObserver(mark).observe(element, {childList: true, subtree: true});
new MutationObserver(mark).observe(document.body, {
  attributes: true, attributeFilter: ['aria-selected'], subtree: true,
});
mark();
