import { pick, useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

/** Long lines wrap, and the line numbers take no more room than they need: nothing is cut, however narrow the window is. */
export function WrappedEditors() {
  const { queryEditor, variableEditor, responseEditor } = useGraphiQL(
    pick('queryEditor', 'variableEditor', 'responseEditor'),
  );
  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, responseEditor]) {
      editor?.updateOptions({ wordWrap: 'on', wrappingIndent: 'indent', lineNumbersMinChars: 3 });
    }
  }, [queryEditor, variableEditor, responseEditor]);
  return null;
}
