/** A file as text. */
export interface CsvFile {
  text: string;
  name: string;
  encoding: 'utf-8' | 'gb18030';
}

/** What the server takes. */
export const MOST_BYTES = 1_048_576;

/** Reads a file. Spreadsheets on a Chinese Windows write GB18030, which isn't UTF-8. */
export async function readCsv(file: File): Promise<CsvFile> {
  const bytes = await file.arrayBuffer();
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), name: file.name, encoding: 'utf-8' };
  } catch {
    return { text: new TextDecoder('gb18030').decode(bytes), name: file.name, encoding: 'gb18030' };
  }
}
