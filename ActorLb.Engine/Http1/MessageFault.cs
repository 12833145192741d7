namespace ActorLb.Engine.Http1;

/// <summary>What is wrong with a message. Status, name and text of each: <c>FaultMeaning</c>.</summary>
internal enum MessageFault : byte
{
    None,

    // Lines.
    BareCarriageReturn,
    BareLineFeed,

    // The request line.
    RequestLineMalformed,
    RequestLineTooLong,
    MethodInvalid,
    ConnectUnsupported,
    TargetMalformed,
    TargetHasSpace,
    TargetHasControl,
    TargetHasFragment,
    TargetHasUserInfo,
    TargetNotAscii,
    TargetSchemeUnsupported,
    AsteriskWithoutOptions,
    VersionMissing,
    VersionUnsupported,

    // The status line.
    StatusLineMalformed,
    StatusLineTooLong,
    InterimWithBody,
    SwitchUnasked,
    AnswerUnasked,

    // Field lines.
    FieldFolded,
    FieldsAfterWhitespace,
    FieldNameEmpty,
    FieldNameInvalid,
    FieldNameTooLong,
    SpaceBeforeColon,
    ColonMissing,
    ValueHasControl,
    FieldsTooLarge,
    FieldsTooMany,

    // Host.
    HostMissing,
    HostRepeated,
    HostInvalid,
    HostContradictsTarget,

    // The length of the body.
    ContentLengthEmpty,
    ContentLengthInvalid,
    ContentLengthTooLarge,
    ContentLengthRepeated,
    TransferEncodingInHttp10,
    TransferEncodingNotChunked,
    TransferEncodingUnsupported,
    LengthAndTransferEncoding,

    // The connection.
    ConnectionOptionsTooMany,
    ConnectionFieldInHttp2,

    // A chunked body.
    ChunkSizeInvalid,
    ChunkSizeTooLarge,
    ChunkExtensionInvalid,
    ChunkLineTooLong,
    ChunkNotEnded,
    ChunkOverheadTooLarge,
    TrailerForbidden,
}
