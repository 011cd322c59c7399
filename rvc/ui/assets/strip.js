// The strip is not seen: it puts its marks and facts on the tabs, and describes them to screen readers.
const show = () => {
  for (const step of element.querySelectorAll('[data-step]')) {
    const tab = document.getElementById(`tab-${step.dataset.step}-button`);
    if (!tab) continue;
    tab.dataset.state = step.className.replace('mk-', '');
    tab.dataset.fact = step.dataset.fact;
    tab.setAttribute('aria-describedby', step.id);
    if (tab.getAttribute('aria-selected') === 'true') step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  }
};
new MutationObserver(show).observe(element, {
  childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'data-fact'],
});
new MutationObserver(show).observe(document.body, {
  attributes: true, attributeFilter: ['aria-selected'], subtree: true,
});
show();
