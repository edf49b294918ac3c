import { pick, useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';
import { useMedia } from '../ui/useMedia';

/** GraphiQL's own measures. */
const WIDE = { fontSize: 15, lineHeight: 0, folding: true, lineDecorationsWidth: 10, lineNumbersMinChars: 3 };
/** On a telephone the text has nearly the whole width. */
const NARROW = { fontSize: 13, lineHeight: 18, folding: false, lineDecorationsWidth: 6, lineNumbersMinChars: 2 };

/** Long lines wrap, and what stands beside them takes no more room than it needs: nothing is cut, however narrow the window is. */
export function WrappedEditors() {
  const { queryEditor, variableEditor, headerEditor, responseEditor } = useGraphiQL(
    pick('queryEditor', 'variableEditor', 'headerEditor', 'responseEditor'),
  );
  const isNarrow = useMedia('(max-width: 767px)');
  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, headerEditor, responseEditor]) {
      editor?.updateOptions({ wordWrap: 'on', wrappingIndent: 'indent', ...(isNarrow ? NARROW : WIDE) });
    }
  }, [queryEditor, variableEditor, headerEditor, responseEditor, isNarrow]);
  return null;
}
