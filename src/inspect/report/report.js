// The script of the report: opens machines, sorts and filters their table, and in a live page follows the build.
(() => {
  const sites = [...document.querySelectorAll('.site')];
  const order = new Intl.Collator('en', { numeric: true }).compare;
  const bodiesOf = (site) => [...site.querySelectorAll('.nodes > tbody')];

  function open(button, isOpen) {
    const details = document.getElementById(button.getAttribute('aria-controls'));
    const inert = details.querySelector('noscript');
    if (inert) inert.parentNode.innerHTML = inert.textContent;
    button.setAttribute('aria-expanded', String(isOpen));
    details.hidden = !isOpen;
  }

  function filter(input) {
    const site = input.closest('.site');
    const words = input.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const body of bodiesOf(site)) {
      const text = body.rows[0].textContent.toLowerCase();
      body.hidden = !words.every((word) => text.includes(word));
      if (!body.hidden) count += 1;
    }
    const all = bodiesOf(site).length;
    site.querySelector('.filter output').value =
      count === all ? `${all} machines` : `${count} of ${all} machines`;
  }

  function sort(header, direction) {
    const table = header.closest('table');
    for (const other of header.parentNode.cells)
      other.setAttribute('aria-sort', other === header ? direction : 'none');
    const sign = direction === 'ascending' ? 1 : -1;
    const keyed = [...table.tBodies].map((body) => [body.rows[0].cells[header.cellIndex].textContent, body]);
    keyed.sort(([a], [b]) => sign * order(a, b));
    table.append(...keyed.map(([, body]) => body));
  }

  /** Shows the site and the machine that the address names; of several sites, else the fleet. */
  function show() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id ? document.getElementById(id) : null;
    const site = target?.closest('.site');
    const fleet = document.querySelector('.fleet');
    if (fleet) {
      fleet.hidden = Boolean(site);
      for (const other of sites) other.hidden = other !== site;
    }
    const button = target?.querySelector(':scope > tr > th > .open');
    if (button) {
      target.hidden = false;
      open(button, true);
      button.focus();
    }
    if (target) target.scrollIntoView();
    else scrollTo(0, 0);
  }

  /** Keeps the state of the page, so that a live page has it after a reload. */
  function remember() {
    const of = (query, value) =>
      [...document.querySelectorAll(query)].map((one) => [
        one.id || one.getAttribute('aria-controls'),
        value(one),
      ]);
    const sorted = [...document.querySelectorAll('.nodes th[aria-sort]:not([aria-sort="none"])')].map(
      (one) => [one.closest('.site').id, one.cellIndex, one.getAttribute('aria-sort')],
    );
    history.replaceState(
      {
        filters: of('.filter input', ({ value }) => value),
        opened: of('.open[aria-expanded="true"]', () => true),
        sorted,
      },
      '',
    );
  }

  function restore({ filters, opened, sorted }) {
    for (const [id, index, direction] of sorted) {
      const header = document.getElementById(id)?.querySelector('.nodes thead tr')?.cells[index];
      if (header) sort(header, direction);
    }
    for (const [id] of opened) {
      const button = document.querySelector(`[aria-controls="${CSS.escape(id)}"]`);
      if (button) open(button, true);
    }
    for (const [id, value] of filters) {
      const input = document.getElementById(id);
      if (!input || !value) continue;
      input.value = value;
      filter(input);
    }
  }

  document.addEventListener('click', ({ target }) => {
    const button = target.closest('.nodes button');
    if (!button) return;
    if (button.matches('.open')) open(button, button.getAttribute('aria-expanded') !== 'true');
    else
      sort(
        button.parentNode,
        button.parentNode.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending',
      );
    remember();
  });
  document.addEventListener('input', ({ target }) => {
    filter(target);
    remember();
  });
  document.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', show);
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  if (sites.length > 1 || location.hash) show();
  if (history.state) restore(history.state);

  const { version } = document.documentElement.dataset;
  if (version === undefined) return;
  const events = new EventSource('events');
  const status = document.querySelector('[data-live]');
  events.onmessage = ({ data }) => {
    if (data !== version) location.reload();
  };
  events.onopen = () => {
    status.textContent = 'Follows the build.';
    status.classList.remove('ended');
  };
  events.onerror = () => {
    status.textContent = 'The build has ended: this page is its last state.';
    status.classList.add('ended');
  };
})();
