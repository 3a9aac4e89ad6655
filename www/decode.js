// Decodes and shrinks one photo beside the page: browsers decode on a thread of their own, but shrink where they are asked.

self.onmessage = async ({ data: { source, width, height } }) => {
  try {
    const bitmap = await createImageBitmap(source, {
      imageOrientation: 'from-image',
      resizeWidth: width,
      resizeHeight: height,
      resizeQuality: 'medium',
    });
    self.postMessage(bitmap, [bitmap]);
  } catch {
    self.postMessage(null);
  }
};
