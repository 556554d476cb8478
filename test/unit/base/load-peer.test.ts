import { expect, test } from 'vitest'
import { loadPeer } from '../../../src/base/index'

test('hands on what loads', async () => {
  expect(await loadPeer('a', () => 1)).toBe(1)
  expect(await loadPeer('a', async () => 2)).toBe(2)
})

test('an absent package is named, with the command that installs it', async () => {
  const name = 'no-such-package-in-this-tree'
  const load = () => import(/* @vite-ignore */ name)
  const install = `npm install ${name}`
  await expect(loadPeer(name, load)).rejects.toMatchObject({
    code: 'missing-peer',
    package: name,
    install,
    hint: install,
  })
  await expect(loadPeer(name, load, 'npm install both')).rejects.toMatchObject({
    package: name,
    install: 'npm install both',
  })
})
