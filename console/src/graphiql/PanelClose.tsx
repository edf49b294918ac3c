import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

/** On a telephone documentation, history and explorer lie over the editor: the way back to it. */
export function PanelClose() {
  const visiblePlugin = useGraphiQL((state) => state.visiblePlugin);
  const { setVisiblePlugin } = useGraphiQLActions();
  if (visiblePlugin === null) return null;
  return (
    <button type="button" className="panel-close" onClick={() => setVisiblePlugin(null)}>
      <span aria-hidden="true">‹</span> Back to the editor
    </button>
  );
}
