import { Page } from '~/app/page'

export default function ImportScreen() {
  return <Page title="Import">{null}</Page>
}
