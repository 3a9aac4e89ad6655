// ONNX Runtime Web on the same network, converted by make_onnx.py.
import * as ort from 'runtime'; // the build for the provider, chosen in subjects.mjs

import { resize } from './resize.mjs';
import { read } from './suppress.mjs';
import { visit } from './visit.mjs';

const provider = new URL(location.href).searchParams.get('provider');
ort.env.wasm.wasmPaths = { wasm: `/ort/${RUNTIME_WASM}` };
ort.env.wasm.numThreads = 1;

visit(async () => {
  const session = await ort.InferenceSession.create('/model/ssd.onnx', { executionProviders: [provider] });
  return async (photo) => {
    const image = new ort.Tensor('float32', resize(photo), [1, 3, 300, 300]);
    const { boxes, scores } = await session.run({ image });
    const found = read(await boxes.getData(), await scores.getData(), photo);
    [image, boxes, scores].forEach((tensor) => tensor.dispose());
    return found;
  };
});
