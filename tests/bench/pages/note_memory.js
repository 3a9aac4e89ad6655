// Runs before a subject's own scripts when memory is measured: notes every WebAssembly memory of this page or worker.
{
  const memories = new Set();
  const note = (result) => {
    const { exports } = result.instance ?? result;
    for (const it of Object.values(exports)) if (it instanceof WebAssembly.Memory) memories.add(it);
    return result;
  };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = (...args) => {
      // Modules may get their memory from outside instead of exporting it.
      for (const it of Object.values(args[1] ?? {}).flatMap(Object.values)) if (it instanceof WebAssembly.Memory) memories.add(it);
      return original.apply(WebAssembly, args).then(note);
    };
  }
  self.wasmBytes = () => [...memories].reduce((sum, it) => sum + it.buffer.byteLength, 0);
}
