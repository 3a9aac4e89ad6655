// Says why the page cannot start where its modules are not even loaded: an ordinary script, which every frame may load.
(() => {
  /** What shows before the page's module is there, in German by its English; everything else is in `app/src/words`. */
  const GERMAN = {
    'What is where in this photo?': 'Was ist wo auf diesem Foto?',
    'Opening Lookout': 'Lookout wird geöffnet',
    'Open Lookout in a tab of its own': 'Lookout in einem eigenen Tab öffnen',
    'Browsers do not start Lookout from a file: put its folder on a web server, or run "cargo xtask serve".': 'Browser starten Lookout nicht aus einer Datei: Der Ordner gehört auf einen Webserver, oder „cargo xtask serve“ zeigt ihn.',
    'Lookout cannot run in this frame: the page around it has to add allow-same-origin to the sandbox of the frame.': 'Lookout läuft in diesem Rahmen nicht: Die Seite um ihn muss allow-same-origin in die sandbox des Rahmens aufnehmen.',
    'Lookout could not be loaded: check the connection, then reload the page.': 'Lookout konnte nicht geladen werden: Bitte die Verbindung prüfen und die Seite neu laden.',
    'This browser has no WebAssembly, or it is switched off: use a current Firefox, Chrome, Edge or Safari.': 'Dieser Browser hat kein WebAssembly, oder es ist abgeschaltet: Bitte Firefox, Chrome, Edge oder Safari in einer neuen Version nehmen.',
    'Lookout could not start: reload the page, or use a current Firefox, Chrome, Edge or Safari.': 'Lookout konnte nicht starten: Bitte die Seite neu laden oder Firefox, Chrome, Edge oder Safari in einer neuen Version nehmen.',
    'There is no connection, and this page has not been stored on this device yet: connect, then reload the page.': 'Es gibt keine Verbindung, und diese Seite ist auf diesem Gerät noch nicht gespeichert: Bitte verbinden und die Seite neu laden.',
  };

  /** Whether the page is in German: in frames with few controls or none, but for figures. */
  function isGerman() {
    const asked = new URLSearchParams(location.search);
    return /^de(-|$)/i.test(asked.get('lang')) && ['few', 'none'].includes(asked.get('controls')) && !asked.get('figure');
  }

  /** A sentence in the language of the page. */
  const said = (sentence) => (isGerman() ? (GERMAN[sentence] ?? sentence) : sentence);

  function fault() {
    if (location.protocol === 'file:') {
      return 'Browsers do not start Lookout from a file: put its folder on a web server, or run "cargo xtask serve".';
    }
    // A frame whose sandbox does not allow its own origin may start neither modules nor workers.
    if (self.origin === 'null') {
      return 'Lookout cannot run in this frame: the page around it has to add allow-same-origin to the sandbox of the frame.';
    }
    return null;
  }

  /** Shows a sentence in the place of the page, and tells the page around this one. */
  self.lookoutGiveUp = (english) => {
    const sentence = said(english);
    const words = document.getElementById('boot-words');
    if (!words) return; // the page has started
    words.textContent = sentence;
    words.setAttribute('role', 'alert');
    document.getElementById('boot-bar').hidden = true;
    if (self.parent !== self) {
      document.getElementById('boot-way').hidden = false;
      document.getElementById('boot-link').href = location.href;
      self.parent.postMessage({ lookout: 1, kind: 'error', sentence, fatal: true }, '*');
    }
  };

  if (isGerman()) {
    document.documentElement.lang = 'de';
    for (const it of document.querySelectorAll('.boot-title, #boot-words, #boot-link')) it.textContent = said(it.textContent);
  }
  self.lookoutFault = fault();
  if (self.lookoutFault) self.lookoutGiveUp(self.lookoutFault);
  addEventListener('error', (event) => {
    if (event.target instanceof HTMLScriptElement && !self.lookoutFault) {
      self.lookoutGiveUp('Lookout could not be loaded: check the connection, then reload the page.');
    }
  }, true);
})();
