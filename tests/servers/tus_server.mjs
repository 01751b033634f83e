// A tus server on disk, with what a platform has beside it: publish, look, fetch, remove.
// node tus_server.mjs FOLDER PORT TOKEN. Addresses: /{account}/{tus|publish|files}/...
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'

import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

const [folder, port, token] = process.argv.slice(2)
const servers = new Map()

function tus(account) {
  if (!servers.has(account)) {
    const directory = path.join(folder, account, 'hidden')
    fs.mkdirSync(directory, { recursive: true })
    const datastore = new FileStore({ directory })
    servers.set(account, new Server({ path: `/${account}/tus`, datastore }))
  }
  return servers.get(account)
}

function publish(account, response, body) {
  const said = JSON.parse(body)
  const part = path.join(folder, account, 'hidden', path.basename(said.upload))
  const final = path.join(folder, account, 'visible', said.path)
  if (!fs.existsSync(part)) return response.writeHead(404).end()
  if (fs.statSync(part).size !== said.size) return response.writeHead(422).end()
  if (fs.existsSync(final)) return response.writeHead(409).end()
  fs.mkdirSync(path.dirname(final), { recursive: true })
  fs.renameSync(part, final)
  fs.rmSync(`${part}.json`)
  return response.writeHead(201).end()
}

function file(account, name, method, response) {
  const final = path.join(folder, account, 'visible', name)
  if (!fs.existsSync(final)) return response.writeHead(404).end()
  if (method === 'DELETE') {
    fs.rmSync(final)
    return response.writeHead(204).end()
  }
  const data = fs.readFileSync(final)
  const sha256 = createHash('sha256').update(data).digest('hex')
  const headers = { 'X-Size': data.length, 'X-Sha256': sha256 }
  return response.writeHead(200, headers).end(method === 'GET' ? data : undefined)
}

http
  .createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end()
    const [, account, kind, ...rest] = new URL(request.url, 'http://x').pathname.split('/')
    if (kind === 'tus') return tus(account).handle(request, response)
    if (kind === 'files') {
      return file(account, decodeURIComponent(rest.join('/')), request.method, response)
    }
    let body = ''
    request.on('data', (block) => (body += block))
    return request.on('end', () => publish(account, response, body))
  })
  .listen(Number(port), '127.0.0.1')
