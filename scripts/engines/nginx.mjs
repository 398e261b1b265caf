import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../setup/programs.mjs'
import { freePort } from './process.mjs'

/**
 * The settings of deploy/nginx.conf for several instances, without TLS. A single process: without a master, nothing can
 * stay behind when it is killed.
 */
const configuration = ({ folder, port, targets }) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 2048; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream atrium {
    ${targets.map((target) => `server ${new URL(target).host} max_fails=0;`).join('\n    ')}
    keepalive 256;
  }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 2m;
    # A load asks more over one connection than the 1,000 requests after which nginx closes it.
    keepalive_requests 100000000;
    location = /proxy-health { return 200 'ok'; }
    location / {
      proxy_pass http://atrium;
      proxy_http_version 1.1;
      proxy_connect_timeout 2s;
      proxy_next_upstream error timeout http_503;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 90s;
    }
  }
}
`

/** An nginx in front of instances of Atrium. The instances need not be there yet. */
export async function startNginx(engine, { targets, port }) {
  const own = port ?? (await freePort())
  const file = join(engine.folder, 'nginx.conf')
  writeFileSync(file, configuration({ folder: engine.folder, port: own, targets }), { mode: 0o600 })
  if (engine.user.uid !== undefined) chownSync(file, engine.user.uid, engine.user.gid)
  engine.start(findProgram('nginx'), ['-p', engine.folder, '-c', file, '-e', 'stderr'], 'QUIT')
  await engine.answer(async () => {
    const { ok } = await fetch(`http://127.0.0.1:${own}/proxy-health`)
    if (!ok) throw new Error('nginx answers with an error')
  })
  return `http://127.0.0.1:${own}`
}
