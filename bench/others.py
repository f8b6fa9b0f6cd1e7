"""The servers that the event transport is measured beside, and how each is set up: all of
them with one thread or process that serves, no log, and connections that stay."""
import json
import os
import shutil
import subprocess
import sys

from common import THREADS, Server, free_port

SECTIONS = 298
FILES = {'1k': 1024, '1m': 1 << 20}

NGINX = '''daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile %(files)d;
pid %(pid)s;
error_log /dev/null;
events { worker_connections 15000; }
http {
	access_log off;
	keepalive_requests 1000000000;
	keepalive_timeout 300;
	sendfile on;
	tcp_nopush on;
	default_type application/octet-stream;
	ssl_certificate %(folder)s/cert.pem;
	ssl_certificate_key %(folder)s/key.pem;
	ssl_protocols TLSv1.2 TLSv1.3;
	ssl_session_tickets off;
	server {
		listen 127.0.0.1:%(port)d backlog=4096;
		listen 127.0.0.1:%(tls)d ssl backlog=4096;
		location = / { default_type "text/plain; charset=utf-8"; return 200 "Hello, world!\\n"; }
		location = /json {
			default_type application/json;
			return 200 "{\\"message\\":\\"Hello, world!\\"}\\n";
		}
		location /files/ { root %(folder)s; }
		location /cached/ { alias %(folder)s/files/; open_file_cache max=100; }
%(sections)s
	}
}
'''

NGINX_SECTION = '''		location /section%d/ {
			default_type "text/plain; charset=utf-8";
			location ~ /([0-9]+)$ { return 200 "item $1\\n"; }
		}'''

H2O = '''user: root
num-threads: 1
max-connections: 15000
listen: {host: 127.0.0.1, port: %(port)d}
hosts:
  default:
    paths:
      /files: {file.dir: %(folder)s/files}
      /: {file.dir: %(folder)s/h2o}
'''


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


class Site:
    """A folder with what the servers serve, and the servers that were started in it."""

    def __init__(self, build, folder, core, files):
        self.build, self.folder, self.core, self.files = build, folder, core, files
        self.servers, self.urls = {}, {}
        os.mkdir(folder + '/files')
        os.mkdir(folder + '/h2o')
        for name, size in FILES.items():
            with open('%s/files/%s' % (folder, name), 'wb') as f:
                f.write(b'x' * size)
        write(folder + '/h2o/index.html', 'Hello, world!\n')
        write(folder + '/h2o/json', '{"message":"Hello, world!"}\n')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
                        '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
                        '-keyout', 'key.pem', '-out', 'cert.pem'],
                       cwd=folder, check=True, stderr=subprocess.DEVNULL)

    def program(self, name):
        return os.path.join(self.build, 'bench', name)

    def path(self, name):
        return os.path.join(self.folder, name.replace(' ', '-'))

    def launch(self, name, command, port, **more):
        self.servers[name] = Server(command, self.core, **more).wait(port)
        self.urls[name] = 'http://127.0.0.1:%d' % port

    def start_raw(self, name):
        port = free_port()
        self.launch(name, [self.program('bench_raw'), str(port)], port)

    def start_civetweb(self, name):
        port = free_port()
        self.launch(name, [self.program('bench_plain'), str(port), str(THREADS)], port)

    def start_ulfius(self, name):
        port = free_port()
        self.launch(name, [self.program('bench_ulfius'), str(port)], port)

    def start_cruet(self, name, threads=THREADS):
        port, tls = free_port(), free_port()
        write(self.folder + '/cruet.json', json.dumps({
            'log_level': 'error',
            'server': {'transport': 'event', 'plugin_path': [self.build + '/plugins/event'],
                       'tls': {'listen': '127.0.0.1:%d' % tls, 'certificate': 'cert.pem',
                               'key': 'key.pem', 'tickets': False}},
            'plugins': {'event': {'loops': 1}}}))
        self.launch(name, [self.program('bench_site'), str(port), str(threads),
                           self.folder + '/files'], port, cwd=self.folder)
        self.urls[name + ' tls'] = 'https://127.0.0.1:%d' % tls

    def start_nginx(self, name):
        port, tls = free_port(), free_port()
        conf = self.path(name + '.conf')
        write(conf, NGINX % {
            'files': self.files, 'folder': self.folder, 'pid': self.path(name + '.pid'),
            'port': port, 'tls': tls,
            'sections': '\n'.join(NGINX_SECTION % i for i in range(SECTIONS))})
        self.launch(name, ['nginx', '-p', self.folder, '-c', conf], port)
        self.urls[name + ' tls'] = 'https://127.0.0.1:%d' % tls

    def start_h2o(self, name):
        port = free_port()
        conf = self.path(name + '.conf')
        write(conf, H2O % {'port': port, 'folder': self.folder})
        self.launch(name, ['h2o', '-c', conf], port)

    def port(self, name):
        return int(self.urls[name].rsplit(':', 1)[1])

    def has(self, kind):
        if kind in ('nginx', 'h2o'):
            return shutil.which(kind, path=os.environ['PATH'] + ':/usr/sbin') is not None
        return kind != 'ulfius' or os.path.exists(self.program('bench_ulfius'))

    def need(self, *names):
        """The servers of these names, started; "raw 2" is a second raw. Those that this
        machine does not have are left out."""
        there = []
        for name in names:
            kind = name.split()[0]
            if not self.has(kind):
                print('bench: %s is not installed: left out' % kind, file=sys.stderr)
                continue
            if name not in self.servers:
                getattr(self, 'start_' + kind)(name)
            there.append(name)
        return there

    def stop(self, *names):
        for name in names or list(self.servers):
            self.servers.pop(name).stop()
