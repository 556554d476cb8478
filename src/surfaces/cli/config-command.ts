import { Command } from 'commander'
import { action, command } from './context'
import type { CliHost } from './host'
import { plain } from './output'

/** `config`: what the settings are, where they come from, and what there is to set. */
export function configCommand(host: CliHost): Command {
  const show = command('show', 'Show every setting with where it comes from; secrets are masked.').action(
    action(host, async ({ output, resolve }) => {
      const { showConfig } = await import('../../setup/index')
      for (const setting of showConfig(await resolve())) {
        const value = setting.value === undefined ? '' : JSON.stringify(setting.value)
        output.item(setting, `${setting.path.padEnd(28)}${plain(value).padEnd(30)} ${setting.origin}`)
      }
      output.end()
    }),
  )
  const print = command('schema', 'Print the JSON Schema of the configuration file.').action(
    action(host, async ({ output }) => {
      const { configJsonSchema } = await import('../../setup/index')
      const schema = configJsonSchema()
      output.answer(schema, JSON.stringify(schema, undefined, 2))
    }),
  )
  return new Command('config')
    .description('The settings: configuration file < .env < environment (COSMIC_*) < --set.')
    .addCommand(show, { isDefault: true })
    .addCommand(print)
}
