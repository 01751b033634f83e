// Uploads a file with tus-js-client and says what became of it, as one line of JSON.
// node tus_client.mjs FILE ENDPOINT KEY OPTIONS, where OPTIONS is JSON for the client, and may have
// `stopAfter`: a number of bytes after which this process ends without a word.
import fs from 'node:fs'
import path from 'node:path'

import { Upload } from 'tus-js-client'

const [file, endpoint, key, given] = process.argv.slice(2)
const { stopAfter, sha256, ...options } = JSON.parse(given)
const answers = []

const upload = new Upload(fs.createReadStream(file), {
  endpoint,
  headers: { Authorization: `Bearer ${key}` },
  metadata: { filename: path.basename(file), ...(sha256 ? { sha256 } : {}) },
  retryDelays: [0, 300, 1000, 3000],
  ...options,
  onAfterResponse: (request, response) => {
    answers.push([request.getMethod(), response.getStatus()])
    const asset = response.getHeader('Deadwax-Asset')
    if (asset) answers.asset = asset
  },
  onProgress: (sent) => {
    if (stopAfter && sent > stopAfter) process.kill(process.pid, 'SIGKILL')
  },
  onUploadUrlAvailable: () => upload.url && fs.writeFileSync(`${file}.url`, upload.url),
  onError: (error) => {
    const body = error.originalResponse ? error.originalResponse.getBody() : String(error)
    console.log(JSON.stringify({ error: body, answers }))
    process.exit(1)
  },
  onSuccess: () => console.log(JSON.stringify({ url: upload.url, asset: answers.asset, answers })),
})
upload.start()
