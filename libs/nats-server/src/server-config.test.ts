import { AssertionError } from '@waggle/kernel'
import { describe, expect, it } from 'vitest'
import { quoted } from './config-text.ts'
import { serverConfig } from './server-config.ts'

describe('G1 quoted', () => {
  it.each([
    ['plain', '"plain"'],
    ['$JS.API.>', '"$JS.API.>"'],
    ['a path/with spaces', '"a path/with spaces"'],
    ['say "so"\\n', '"say \\"so\\"\\\\n"'],
    ['tab\tline\nreturn\r', '"tab\\tline\\nreturn\\r"'],
    ['bell\u0007nul\u0000', '"bell\\x07nul\\x00"'],
    ["single ' # // } ] ; Zürich", '"single \' # // } ] ; Zürich"'],
  ])('%j', (text, expected) => {
    expect(quoted(text)).toBe(expected)
  })
})

const minimal = { serverName: 'n1', port: 4222 }

describe('serverConfig', () => {
  it('writes as little as it can', () => {
    expect(serverConfig(minimal)).toBe(
      ['server_name: "n1"', 'host: "127.0.0.1"', 'port: 4222', 'max_payload: 8065536', ''].join('\n'),
    )
  })

  it('writes all that it knows', () => {
    const text = serverConfig({
      ...minimal,
      port: -1,
      host: '127.0.0.2',
      maxPayloadBytes: 1_000_000,
      portsFolder: '/tmp/a b/ports',
      jetstream: {
        storeDir: '/tmp/a b',
        syncInterval: 'always',
        fileBytesMax: 5_000_000_000,
        memoryBytesMax: 7_000_000,
      },
      users: [
        {
          user: 'log',
          password: '$2 "x"',
          permissions: {
            publish: { allow: ['wal.*', '$JS.API.>'], deny: ['$JS.API.STREAM.DELETE.>'] },
            subscribe: { allow: ['waggle.internal.log.>'] },
          },
        },
        { user: 'all', password: '' },
      ],
      noAuthUser: 'all',
      systemUser: { user: 'sys', password: 'secret' },
      cluster: { name: 'c1', port: 6222, routes: ['nats://127.0.0.1:6223'] },
    })
    expect(text).toMatchInlineSnapshot(`
      "server_name: "n1"
      host: "127.0.0.2"
      port: -1
      max_payload: 1000000
      ports_file_dir: "/tmp/a b/ports"
      jetstream: {
        store_dir: "/tmp/a b"
        sync_interval: "always"
        max_file_store: 5000000000
        max_memory_store: 7000000
      }
      accounts: {
        WAGGLE: {
          jetstream: true
          users: [
            {
              user: "log"
              password: "$2 \\"x\\""
              permissions: {
                publish: {
                  allow: [
                    "wal.*"
                    "$JS.API.>"
                  ]
                  deny: [
                    "$JS.API.STREAM.DELETE.>"
                  ]
                }
                subscribe: {
                  allow: [
                    "waggle.internal.log.>"
                  ]
                }
              }
            }
            {
              user: "all"
              password: ""
            }
          ]
        }
        SYS: {
          users: [
            {
              user: "sys"
              password: "secret"
            }
          ]
        }
      }
      system_account: "SYS"
      no_auth_user: "all"
      cluster: {
        name: "c1"
        host: "127.0.0.2"
        port: 6222
        routes: [
          "nats://127.0.0.1:6223"
        ]
        no_advertise: true
      }
      "
    `)
  })

  it('G2 denies what is not given', () => {
    const permissions = { publish: { allow: [] }, subscribe: { allow: [], deny: ['a'] } }
    const text = serverConfig({ ...minimal, users: [{ user: 'u', password: 'p', permissions }] })
    expect(text.match(/deny: \[\s*">"\s*\]/g)).toHaveLength(2)
    expect(text).not.toContain('allow')
  })

  it('asserts what the server would take for something else', () => {
    const users = [{ user: 'u', password: 'p' }]
    expect(() => serverConfig({ ...minimal, serverName: 'a b' })).toThrow(AssertionError)
    expect(() => serverConfig({ ...minimal, port: 0 })).toThrow(AssertionError)
    expect(() => serverConfig({ ...minimal, port: 65_536 })).toThrow(AssertionError)
    expect(() => serverConfig({ ...minimal, users, noAuthUser: 'other' })).toThrow(AssertionError)
    expect(() => serverConfig({ ...minimal, cluster: { name: 'c', port: 0, routes: [] } })).toThrow(AssertionError)
  })
})
