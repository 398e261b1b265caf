import { Button, Group, Modal, Skeleton, Text } from '@mantine/core'
import '@mantine/core/styles/CloseButton.css'
import '@mantine/core/styles/Modal.css'
import '@mantine/core/styles/ModalBase.css'
import '@mantine/core/styles/Overlay.css'
import '@mantine/core/styles/Paper.css'
import '@mantine/core/styles/Skeleton.css'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Failure } from '../../app/failure.tsx'
import { usePageTitle } from '../../app/page-title.ts'
import { useUser } from '../../app/session.ts'
import classes from '../admin/admin.module.css'
import { may } from '../admin/rights.ts'
import { type IssuedSecret, webhooksQuery } from './queries.ts'
import { SecretDialog } from './secret-dialog.tsx'
import { WebhookForm } from './webhook-form.tsx'
import { WebhookRow } from './webhook-row.tsx'

export function WebhooksPage() {
  const { t } = useTranslation()
  const me = useUser()
  usePageTitle(t('admin.webhooks'))
  const query = useQuery(webhooksQuery)
  const [isAdding, setAdding] = useState(false)
  const [issued, setIssued] = useState<IssuedSecret>()
  if (query.isPending) return <Skeleton h={240} radius="lg" role="status" aria-label={t('app.loading')} />
  if (!query.data) return <Failure title={t('errors.page')} error={query.error} onRetry={() => void query.refetch()} />
  const mayChange = may(me, 'webhooks:update')
  return (
    <>
      <Group justify="space-between" mb="md">
        <Text c="dimmed" flex="1 1 16rem">
          {t('webhooks.text')}
        </Text>
        {mayChange && (
          <Button leftSection={<IconPlus size={18} stroke={1.75} aria-hidden />} onClick={() => setAdding(true)}>
            {t('webhooks.add')}
          </Button>
        )}
      </Group>
      {query.data.length === 0 ? (
        <Text c="dimmed" py="xl" ta="center" role="status">
          {t('webhooks.none')}
        </Text>
      ) : (
        <ul className={classes.list} aria-label={t('admin.webhooks')}>
          {query.data.map((webhook) => (
            <li key={webhook.id}>
              <WebhookRow webhook={webhook} mayChange={mayChange} onIssued={setIssued} />
            </li>
          ))}
        </ul>
      )}
      <Modal
        opened={isAdding}
        onClose={() => setAdding(false)}
        title={t('webhooks.add')}
        closeButtonProps={{ 'aria-label': t('app.close') }}
        radius="lg"
        size="lg"
        centered
      >
        <WebhookForm
          onDone={(made) => {
            setAdding(false)
            setIssued(made)
          }}
        />
      </Modal>
      {issued && <SecretDialog issued={issued} onSaved={() => setIssued(undefined)} />}
    </>
  )
}
