import { Button, Menu } from '@mantine/core'
import '@mantine/core/styles/Menu.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Popover.css'
import { IconArrowsTransferDown } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TableSchema } from '../types.ts'
import type { DataSearch } from '../view-address.ts'
import { exportAddress } from './transfer.ts'

const ImportDialog = lazy(() => import('./import-dialog.tsx').then((module) => ({ default: module.ImportDialog })))
const formats = ['csv', 'json', 'ndjson'] as const

/** Rows out into a file, as they are looked at, and in from one. */
export function TransferMenu({ schema, search }: { schema: TableSchema; search: DataSearch }) {
  const { t } = useTranslation()
  const [isImporting, setImporting] = useState(false)
  return (
    <>
      <Menu position="bottom-start" radius="lg" shadow="md" withinPortal>
        <Menu.Target>
          <Button
            size="sm"
            variant="default"
            leftSection={<IconArrowsTransferDown size={16} stroke={1.75} aria-hidden />}
          >
            {t('data.transfer')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {formats.map((format) => (
            <Menu.Item
              key={format}
              component="a"
              href={exportAddress(schema.name, format, search)}
              download={`${schema.name}.${format}`}
            >
              {t('data.export', { format: format.toUpperCase() })}
            </Menu.Item>
          ))}
          {schema.actions.includes('create') && (
            <Menu.Item onClick={() => setImporting(true)}>{t('data.import.item')}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isImporting && (
        <Suspense fallback={null}>
          <ImportDialog schema={schema} onClose={() => setImporting(false)} />
        </Suspense>
      )}
    </>
  )
}
