// The page's language is chosen before Gradio starts (rvc.ui.serving); the buttons keep a choice.
const code = (document.documentElement.lang || 'en').startsWith('ko') ? 'ko' : 'en';
element.querySelector('.mk-tagline').textContent = props.words[code];
element.querySelectorAll('nav button').forEach((b) => b.setAttribute('aria-pressed', b.dataset.code === code));
element.addEventListener('click', (e) => {
  const button = e.target.closest('nav button');
  if (!button || button.dataset.code === code) return;
  localStorage.setItem('moksori_language', button.dataset.code);
  const address = new URL(location);
  address.searchParams.delete('lang');
  location.assign(address);
});
