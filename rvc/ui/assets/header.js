// The page's language is chosen before Gradio starts (rvc.ui.serving); the buttons keep a choice.
const wanted = (document.documentElement.lang || 'en').split('-')[0];
const code = wanted in props.words ? wanted : 'en';
element.querySelector('.mk-tagline').textContent = props.words[code];
for (const [each, name] of Object.entries(props.names)) {
  const button = document.createElement('button');
  Object.assign(button, {type: 'button', lang: each, textContent: name});
  button.dataset.code = each;
  button.setAttribute('aria-pressed', each === code);
  element.querySelector('nav').append(button);
}
element.addEventListener('click', (e) => {
  const button = e.target.closest('nav button');
  if (!button || button.dataset.code === code) return;
  localStorage.setItem('moksori_language', button.dataset.code);
  const address = new URL(location);
  address.searchParams.delete('lang');
  location.assign(address);
});
