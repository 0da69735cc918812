// An HTTP server that reads a file and logs for every request.
const fs = require("fs");
const http = require("http");
const log = fs.createWriteStream("access.log");

http.createServer((request, response) => {
	fs.readFile("small.html", (error, data) => {
		response.writeHead(error ? 500 : 200, { "X-Time": Date.now() });
		response.end(error ? "" : data);
		log.write(`${request.method} ${request.url}\n`);
	});
}).listen(Number(process.argv[2]), "127.0.0.1");
