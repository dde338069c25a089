import { auditTable, stateTable, type Table, TTL_ATTRIBUTE, tableShape } from './tables.ts';

/** A name, or a CloudFormation intrinsic such as `{ Ref: … }`. */
type NameIn = string | Readonly<Record<string, unknown>>;

/**
 * Both tables as CloudFormation resources. They outlive the stack, restore to any second of 35 days and refuse to be
 * deleted. The audit stream carries old images, because a record that has one is an event that was rewritten.
 */
export function tableResources(names: { readonly audit: NameIn; readonly state: NameIn }) {
  return {
    AuditTable: resource(auditTable('audit'), names.audit, { StreamViewType: 'NEW_AND_OLD_IMAGES' }, {}),
    StateTable: resource(
      stateTable('state'),
      names.state,
      { StreamViewType: 'KEYS_ONLY' },
      { TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true } },
    ),
  };
}

function resource(table: Table, name: NameIn, stream: { readonly StreamViewType: string }, more: object) {
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      TableName: name,
      ...tableShape(table),
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      StreamSpecification: stream,
      ...more,
    },
  };
}
