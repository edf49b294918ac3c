import { graphql } from '../../../generated';

/** A template's row. */
export const TemplateFragment = graphql(`
  fragment Template on MessageTemplate {
    id
    name
    description
    msgType
    content
    variables
    version
    updatedAt
    updatedBy
  }
`);

/** All of them: there are at most 500. */
export const TemplatesQuery = graphql(`
  query Templates {
    messageTemplates(first: 500) {
      totalCount
      nodes {
        ...Template
      }
    }
  }
`);

/** What a template becomes, a stored one or one that is being written. */
export const TemplatePreviewQuery = graphql(`
  query TemplatePreview($input: PreviewMessageTemplateInput!) {
    previewMessageTemplate(input: $input) {
      msg
      msgType
      bytes
      maxBytes
      variables
      noticeStatements {
        ...Said
      }
      problems {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);

export const SaveTemplate = graphql(`
  mutation SaveTemplate($input: SaveMessageTemplateInput!) {
    saveMessageTemplate(input: $input) {
      template {
        ...Template
      }
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);

export const DeleteTemplate = graphql(`
  mutation DeleteTemplate($input: DeleteMessageTemplateInput!) {
    deleteMessageTemplate(input: $input) {
      template {
        ...Template
      }
      userErrors {
        code
        field
        statement {
          ...Said
        }
      }
    }
  }
`);
