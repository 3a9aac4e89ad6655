// Pages of others round the app: each test makes its own, on an origin of its own.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { photo, test as base } from './visitor.mjs';

const HORSES = await readFile(photo('horses.jpg'));

/** Course pages of this test's own, on an origin of their own: `await course(html, { headers })` gives the address. */
export const test = base.extend({
  course: async ({}, use) => {
    const servers = [];
    await use(async (html, { headers = {}, photoHeaders = {} } = {}) => {
      const server = createServer((request, response) => {
        if (request.url.startsWith('/horses.jpg')) return response.writeHead(200, { 'content-type': 'image/jpeg', ...photoHeaders }).end(HORSES);
        response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(`<!doctype html><html lang="en"><title>Course</title>${html}`);
      });
      servers.push(server);
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${server.address().port}/`;
    });
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve).closeAllConnections())));
  },
});

/** The element's script. */
export const script = (address) => `<script src="${address}lookout.js" async></script>`;
