using Google.Protobuf;

namespace ActorLb.Node.Cluster.Connections;

/// <summary>
/// The first frame of every connection: Akka's handshake, by which a side says who it is. Only its shape is looked at here:
/// AkkaProtocolMessage { 2: AkkaControlMessage { 1: commandType = 1, 2: handshakeInfo } } (Akka.Remote's WireFormats.proto).
/// </summary>
internal static class AssociationFrame
{
    private const int Instruction = 2;
    private const int CommandType = 1;
    private const int HandshakeInfo = 2;
    private const ulong Associate = 1;

    public static bool Is(ReadOnlyMemory<byte> frame)
    {
        try
        {
            return Field(frame.Span.ToArray(), Instruction) is { } instruction
                && Number(instruction, CommandType) == Associate
                && Field(instruction, HandshakeInfo) is { Length: > 0 };
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    // The whole message must be one, not its beginning alone.
    private static byte[]? Field(byte[] message, int number)
    {
        byte[]? found = null;
        var input = new CodedInputStream(message);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (tag == WireFormat.MakeTag(number, WireFormat.WireType.LengthDelimited))
            {
                found = input.ReadBytes().ToByteArray();
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found;
    }

    private static ulong Number(byte[] message, int number)
    {
        ulong found = 0;
        var input = new CodedInputStream(message);
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (tag == WireFormat.MakeTag(number, WireFormat.WireType.Varint))
            {
                found = input.ReadUInt64();
            }
            else
            {
                input.SkipLastField();
            }
        }

        return found;
    }
}
