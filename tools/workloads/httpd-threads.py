"""An HTTP server with a thread for each connection, as the servers of Flask
and Django in development are, that reads a file and logs for every request."""
import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        with open("small.html", "rb") as file:
            body = file.read()
        kept = self.headers.get("Connection", "").lower() == "keep-alive"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "keep-alive" if kept else "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = not kept


http.server.ThreadingHTTPServer(
    ("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
