import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findGalera, findProgram } from '../setup/programs.mjs'
import { askMariadb, serverArguments, startMariadb } from './mariadb.mjs'
import { freePort } from './process.mjs'

// A node that joins gets what it lacks from another. Where that is the whole, programs are needed that Debian has in
// other packages; here it is always the end of a history they have in common, and this only says where that begins.
const transfer = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --role) role=$2 ;;
    --address) address=$2 ;;
    --gtid) gtid=$2 ;;
    --bypass) bypass=1 ;;
  esac
  shift
done
file=$0.$(echo "$address" | tr -cd 0-9)
if [ "$role" = joiner ]; then
  rm -f "$file"
  echo "ready $address"
  while [ ! -e "$file" ]; do sleep 0.1; done
  cat "$file"
else
  [ "$bypass" ] || exit 1
  echo "$gtid" >"$file.new"
  mv "$file.new" "$file"
  echo "done $gtid"
fi
`

/** A MariaDB Galera cluster, each engine a node that began as a copy of the first; answers their URLs. */
export async function startGalera(engines) {
  const [first] = engines
  const folder = dirname(first.folder)
  writeFileSync(join(folder, 'wsrep_sst_end'), transfer, { mode: 0o755 })
  const nodes = []
  for (const engine of engines) nodes.push({ engine, port: await freePort(), group: await freePort() })
  const members = nodes.map(({ group }) => `127.0.0.1:${group}`).join(',')
  const alone = new URL(await startMariadb(first))
  await first.crash('SIGTERM')

  const start = async ({ engine, port, group }, others) => {
    const provider = [`gmcast.listen_addr=tcp://127.0.0.1:${group}`, `ist.recv_addr=127.0.0.1:${await freePort()}`]
    const settings = [
      ...['--binlog-format=ROW', '--innodb-autoinc-lock-mode=2', '--wsrep-on=ON', '--wsrep-cluster-name=atrium'],
      ...[`--wsrep-provider=${findGalera()}`, `--wsrep-provider-options=${provider.join(';')}`],
      ...[`--wsrep-node-address=127.0.0.1:${group}`, `--wsrep-cluster-address=gcomm://${others}`],
      ...['--wsrep-sst-method=end', `--wsrep-sst-receive-address=127.0.0.1:${await freePort()}`],
    ]
    const program = [`PATH=${folder}:${process.env.PATH}`, findProgram('mariadbd')]
    engine.start('/usr/bin/env', [...program, ...serverArguments(engine, port), ...settings])
    const url = new URL(alone)
    url.port = String(port)
    await engine.answer(async () => {
      const state = await askMariadb(engine, url.href, `show status like 'wsrep_local_state_comment'`)
      if (!state.includes('Synced')) throw new Error(`the node is ${state}`)
    })
    return url.href
  }
  await start(nodes[0], '')
  await first.crash('SIGTERM')
  const urls = []
  for (const node of nodes) {
    if (node.engine !== first)
      await node.engine.run('/bin/cp', ['-r', join(folder, 'copy'), join(node.engine.folder, 'data')])
    else await first.run('/bin/cp', ['-r', join(first.folder, 'data'), join(folder, 'copy')])
    urls.push(await start(node, node.engine === first ? '' : members))
  }
  return urls
}
