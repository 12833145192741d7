using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Failures;

/// <summary>
/// The one table of what a fault in a request comes to: the failure that both lanes name alike (status and
/// X-ActorLb-Reason follow from it, <see cref="FailureAnswer"/>), and the fault's own name and sentence for the log
/// and the answer's body. A response with any fault is <see cref="FailureReason.BackendBadResponse"/>.
/// </summary>
/// <param name="Name">Lower case, for logs and metrics.</param>
/// <param name="Text">Says it of the message, without a full stop.</param>
internal sealed record FaultMeaning(MessageFault Fault, FailureReason Failure, string Name, string Text)
{
    private static readonly FaultMeaning[] Table = Build(
    [
        new(MessageFault.BareCarriageReturn, FailureReason.BadRequest, "bare-carriage-return", "CR stands without LF"),
        new(MessageFault.BareLineFeed, FailureReason.BadRequest, "bare-line-feed", "LF stands without CR"),

        new(MessageFault.RequestLineMalformed, FailureReason.BadRequest, "request-line-malformed", "the request line is not method, target and version with one space between"),
        new(MessageFault.RequestLineTooLong, FailureReason.RequestLineTooLong, "request-line-too-long", "the request line is longer than allowed"),
        new(MessageFault.MethodInvalid, FailureReason.BadRequest, "method-invalid", "the method is no token"),
        new(MessageFault.ConnectUnsupported, FailureReason.MethodUnsupported, "connect-unsupported", "CONNECT is not forwarded"),
        new(MessageFault.TargetMalformed, FailureReason.BadRequest, "target-malformed", "the target has none of the forms of RFC 9112"),
        new(MessageFault.TargetHasSpace, FailureReason.BadRequest, "target-has-space", "the target holds a space"),
        new(MessageFault.TargetHasControl, FailureReason.BadTarget, "target-has-control", "the target holds a control character"),
        new(MessageFault.TargetHasFragment, FailureReason.BadTarget, "target-has-fragment", "the target holds a fragment"),
        new(MessageFault.TargetHasUserInfo, FailureReason.BadRequest, "target-has-user-info", "the target's authority holds more than host and port"),
        new(MessageFault.TargetNotAscii, FailureReason.BadRequest, "target-not-ascii", "the target holds bytes beyond ASCII"),
        new(MessageFault.TargetSchemeUnsupported, FailureReason.TargetUnsupported, "target-scheme-unsupported", "the target's scheme is neither http nor https"),
        new(MessageFault.AsteriskWithoutOptions, FailureReason.MethodNotAllowed, "asterisk-without-options", "only OPTIONS goes with the target *"),
        new(MessageFault.VersionMissing, FailureReason.BadRequest, "version-missing", "the request line has no version"),
        new(MessageFault.VersionUnsupported, FailureReason.HttpVersionUnsupported, "version-unsupported", "the version is neither HTTP/1.1 nor HTTP/1.0"),

        new(MessageFault.StatusLineMalformed, FailureReason.BackendBadResponse, "status-line-malformed", "the status line is not version, three digits and a reason"),
        new(MessageFault.StatusLineTooLong, FailureReason.BackendBadResponse, "status-line-too-long", "the status line is longer than allowed"),
        new(MessageFault.InterimWithBody, FailureReason.BackendBadResponse, "interim-with-body", "an interim answer states a body"),
        new(MessageFault.SwitchUnasked, FailureReason.BackendBadResponse, "switch-unasked", "the backend switches protocols unasked"),
        new(MessageFault.AnswerUnasked, FailureReason.BackendBadResponse, "answer-unasked", "the backend has sent something before it was asked"),

        new(MessageFault.FieldFolded, FailureReason.BadRequest, "field-folded", "a field's value goes on in the next line"),
        new(MessageFault.FieldsAfterWhitespace, FailureReason.BadRequest, "fields-after-whitespace", "the first field line begins with whitespace"),
        new(MessageFault.FieldNameEmpty, FailureReason.BadRequest, "field-name-empty", "a field has no name"),
        new(MessageFault.FieldNameInvalid, FailureReason.BadRequest, "field-name-invalid", "a field's name is no token"),
        new(MessageFault.FieldNameTooLong, FailureReason.HeadersTooLarge, "field-name-too-long", "a field's name is longer than 65,535 bytes"),
        new(MessageFault.SpaceBeforeColon, FailureReason.BadRequest, "space-before-colon", "whitespace stands between a field's name and its colon"),
        new(MessageFault.ColonMissing, FailureReason.BadRequest, "colon-missing", "a field line has no colon"),
        new(MessageFault.ValueHasControl, FailureReason.BadRequest, "value-has-control", "a field's value holds a control character"),
        new(MessageFault.FieldsTooLarge, FailureReason.HeadersTooLarge, "fields-too-large", "the fields are larger than allowed"),
        new(MessageFault.FieldsTooMany, FailureReason.HeadersTooLarge, "fields-too-many", "there are more fields than allowed"),

        new(MessageFault.HostMissing, FailureReason.BadRequest, "host-missing", "HTTP/1.1 asks for a Host field"),
        new(MessageFault.HostRepeated, FailureReason.BadRequest, "host-repeated", "there is more than one Host field"),
        new(MessageFault.HostInvalid, FailureReason.BadRequest, "host-invalid", "Host is not a host with perhaps a port"),
        new(MessageFault.HostContradictsTarget, FailureReason.BadRequest, "host-contradicts-target", "Host names another authority than the target"),

        new(MessageFault.ContentLengthEmpty, FailureReason.BadRequest, "content-length-empty", "Content-Length is empty"),
        new(MessageFault.ContentLengthInvalid, FailureReason.BadRequest, "content-length-invalid", "Content-Length holds more than digits"),
        new(MessageFault.ContentLengthTooLarge, FailureReason.BadRequest, "content-length-too-large", "Content-Length is beyond 63 bits"),
        new(MessageFault.ContentLengthRepeated, FailureReason.BadRequest, "content-length-repeated", "Content-Length is there more than once"),
        new(MessageFault.TransferEncodingInHttp10, FailureReason.AmbiguousLength, "transfer-encoding-in-http-1.0", "HTTP/1.0 knows no Transfer-Encoding"),
        new(MessageFault.TransferEncodingNotChunked, FailureReason.BadRequest, "transfer-encoding-not-chunked", "the last transfer coding is not chunked"),
        new(MessageFault.TransferEncodingUnsupported, FailureReason.TransferCodingUnsupported, "transfer-encoding-unsupported", "there are transfer codings beside chunked"),
        new(MessageFault.LengthAndTransferEncoding, FailureReason.AmbiguousLength, "length-and-transfer-encoding", "Content-Length stands beside Transfer-Encoding"),

        new(MessageFault.ConnectionOptionsTooMany, FailureReason.HeadersTooLarge, "connection-options-too-many", "Connection names more fields than allowed"),
        new(MessageFault.ConnectionFieldInHttp2, FailureReason.BadRequest, "connection-field-in-http-2", "a field speaks of a connection of HTTP/1.1, which HTTP/2 forbids"),

        new(MessageFault.ChunkSizeInvalid, FailureReason.BadRequest, "chunk-size-invalid", "a chunk's size is not hexadecimal digits alone"),
        new(MessageFault.ChunkSizeTooLarge, FailureReason.BadRequest, "chunk-size-too-large", "a chunk's size is beyond 63 bits or 16 digits"),
        new(MessageFault.ChunkExtensionInvalid, FailureReason.BadRequest, "chunk-extension-invalid", "a chunk's extension is not what RFC 9112 allows"),
        new(MessageFault.ChunkLineTooLong, FailureReason.BadRequest, "chunk-line-too-long", "a chunk's size line is longer than allowed"),
        new(MessageFault.ChunkNotEnded, FailureReason.BadRequest, "chunk-not-ended", "no CRLF stands after a chunk's data"),
        new(MessageFault.ChunkOverheadTooLarge, FailureReason.BadRequest, "chunk-overhead-too-large", "a chunked body is mostly framing"),
        new(MessageFault.TrailerForbidden, FailureReason.BadRequest, "trailer-forbidden", "a trailer speaks of length or host"),
    ]);

    /// <summary>The body of the answer that refuses a request with this fault: the failure's status and name, and the fault's sentence.</summary>
    public byte[] Body { get; } = Encoding.ASCII.GetBytes($"{FailureAnswer.Of(Failure).Status} {FailureAnswer.Of(Failure).Name}: {Text}\n");

    /// <summary>The body of the answer that a client gets in place of a backend's that has this fault.</summary>
    public byte[] BackendBody { get; } = Encoding.ASCII.GetBytes(
        $"{FailureAnswer.Of(FailureReason.BackendBadResponse).Status} {FailureAnswer.Of(FailureReason.BackendBadResponse).Name}: the backend's answer is refused: {Text}\n");

    /// <summary>The body of our answer to a request that failed so.</summary>
    /// <param name="fault">Of the request, or of the backend's answer.</param>
    public static byte[] BodyOf(FailureAnswer failure, MessageFault fault) =>
        fault == MessageFault.None ? failure.Body
        : failure.Reason == FailureReason.BackendBadResponse ? Of(fault).BackendBody : Of(fault).Body;

    public static FaultMeaning Of(MessageFault fault) => Table[(int)fault];

    private static FaultMeaning[] Build(FaultMeaning[] meanings)
    {
        var table = new FaultMeaning[(int)MessageFault.TrailerForbidden + 1];
        foreach (FaultMeaning meaning in meanings)
        {
            table[(int)meaning.Fault] = meaning;
        }

        return table;
    }
}
