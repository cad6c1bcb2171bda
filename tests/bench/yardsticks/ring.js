// A receiver as one writes it in an afternoon: parses each body, keeps the
// newest 100,000 in memory, answers. Nothing is on disk.
const http = require('http');
const ring = new Array(100000);
let count = 0;

http.createServer((request, response) => {
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    try {
      ring[count++ % ring.length] = JSON.parse(Buffer.concat(parts));
      response.end('ok\n');
    } catch (problem) {
      response.statusCode = 400;
      response.end();
    }
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
