// Says why the page cannot start where its modules are not even loaded: an ordinary script, which every frame may load.
(() => {
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
  self.lookoutGiveUp = (sentence) => {
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

  self.lookoutFault = fault();
  if (self.lookoutFault) self.lookoutGiveUp(self.lookoutFault);
  addEventListener('error', (event) => {
    if (event.target instanceof HTMLScriptElement && !self.lookoutFault) {
      self.lookoutGiveUp('Lookout could not be loaded: check the connection, then reload the page.');
    }
  }, true);
})();
