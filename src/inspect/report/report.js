// The script of the report: opens machines, sorts and filters their table, and in a live page follows the build.
(() => {
  const all = (query, within = document) => [...within.querySelectorAll(query)];
  const byId = (id) => document.getElementById(id);
  const sites = all('.site');
  const order = new Intl.Collator('en', { numeric: true }).compare;

  /** Opens or closes the details of a machine. They are text until they open for the first time. */
  function open(details, isOpen) {
    const inert = details.querySelector('noscript');
    if (inert) inert.parentNode.innerHTML = inert.textContent;
    details.previousElementSibling.querySelector('.open').setAttribute('aria-expanded', String(isOpen));
    details.hidden = !isOpen;
  }

  function filter(input) {
    const site = input.closest('.site');
    const words = input.value.toLowerCase().split(/\s+/);
    const machines = all('.nodes > tbody', site);
    for (const body of machines) {
      const text = body.rows[0].textContent.toLowerCase();
      body.hidden = !words.every((word) => text.includes(word));
    }
    const count = machines.filter(({ hidden }) => !hidden).length;
    const some = count < machines.length ? `${count} of ` : '';
    site.querySelector('.filter output').value = `${some}${machines.length} machines`;
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

  function sectionOfAddress() {
    try {
      return byId(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null; // not an encoded text, such as #%
    }
  }

  /** Shows the site and the machine that the address names; of several sites, else the fleet. */
  function show() {
    const target = sectionOfAddress();
    const site = target?.closest('.site');
    const fleet = byId(':fleet');
    if (fleet) {
      fleet.hidden = Boolean(site);
      for (const other of sites) other.hidden = other !== site;
    }
    if (target?.matches('.nodes > tbody')) {
      target.hidden = false;
      open(target.rows[1], true);
      target.querySelector('.open').focus();
    }
    if (target) target.scrollIntoView();
    else scrollTo(0, 0);
  }

  /** Keeps the state of the page, so that a live page has it after a reload. */
  function remember() {
    const filters = all('.filter input').map(({ id, value }) => [id, value]);
    const opened = all('.details:not([hidden])').map(({ id }) => id);
    const sorted = all('[aria-sort$="ing"]').map((header) => [header.id, header.ariaSort]);
    history.replaceState({ filters, opened, sorted }, '');
  }

  function restore({ filters, opened, sorted }) {
    for (const [id, direction] of sorted) if (byId(id)) sort(byId(id), direction);
    for (const id of opened) if (byId(id)) open(byId(id), true);
    for (const [id, value] of filters) {
      const input = byId(id);
      if (!input || !value) continue;
      input.value = value;
      filter(input);
    }
  }

  document.addEventListener('click', ({ target }) => {
    const button = target.closest('.nodes button');
    if (!button) return;
    const header = button.parentNode;
    if (button.matches('.open')) open(header.parentNode.nextElementSibling, button.ariaExpanded !== 'true');
    else sort(header, header.ariaSort === 'ascending' ? 'descending' : 'ascending');
    remember();
  });
  document.addEventListener('input', ({ target }) => {
    filter(target);
    remember();
  });
  document.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', show);
  addEventListener('beforeprint', () => {
    for (const details of all('details')) details.open = true;
  });
  if (sites.length > 1 || location.hash) show();
  if (history.state) restore(history.state);

  const { version } = document.documentElement.dataset;
  if (version === undefined) return;
  const events = new EventSource('events');
  const status = document.querySelector('.live');
  const setStatus = (text, hasEnded) => {
    status.textContent = text;
    status.classList.toggle('ended', hasEnded);
  };
  events.onmessage = ({ data }) => {
    if (data !== version) location.reload();
  };
  events.onopen = () => setStatus('Follows the build.', false);
  events.onerror = () => setStatus('The build has ended: this page is its last state.', true);
})();
