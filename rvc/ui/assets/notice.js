// Says when long work has ended while the page is not looked at: in the title of the page, and as a
// notification of the browser if the visitor has allowed them. They are asked for on a click alone.
const LOOK_MS = 5000;
const LEAVE_MS = 1500;  // what is found to have ended so soon after leaving, ended in view
const words = props.words[(document.documentElement.lang || 'en').split('-')[0]] || props.words.en;
const line = element.querySelector('.mk-notice');
const title = document.title;
const running = new Set();  // ids of jobs that this page has seen at work
let left = 0;  // when the page was hidden
const can = 'Notification' in window && window.isSecureContext;

line.querySelector('span').textContent = words.notice_leave;
line.querySelector('button').textContent = words.notice_ask;
const showLine = () => {
  line.hidden = !(running.size && can && Notification.permission === 'default');
};

const tell = (text) => {
  document.title = `${text} · ${title}`;
  if (!can || Notification.permission !== 'granted') return;
  const shown = new Notification('Moksori', {body: text, tag: 'moksori'});
  shown.onclick = () => { window.focus(); shown.close(); };
};

watch('value', () => {
  for (const job of JSON.parse(props.value || '[]')) {
    if (job.live) {
      running.add(job.id);
    } else if (running.delete(job.id) && job.text && document.hidden
        && Date.now() - left > LEAVE_MS) {
      tell(job.text);
    }
  }
  showLine();
});

element.addEventListener('click', (e) => {
  if (e.target.closest('button')) Notification.requestPermission().then(showLine);
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    left = Date.now();
    trigger('look');
  } else {
    document.title = title;
  }
});
setInterval(() => trigger('look'), LOOK_MS);
