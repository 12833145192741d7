using System.Buffers.Binary;

namespace ActorLb.Engine.Http2;

/// <summary>What the other side allows, as its SETTINGS frames say it (RFC 9113, 6.5.2), and before the first one as the protocol does.</summary>
internal struct PeerParameters
{
    public const int UsualWindow = 65_535;
    public const int FrameBytesMin = 1 << 14;
    public const int FrameBytesMost = (1 << 24) - 1;

    public PeerParameters()
    {
    }

    /// <summary>How large a table its decoder has for the blocks that are sent to it.</summary>
    public uint HeaderTableBytes { get; private set; } = 4096;

    public bool TakesPushes { get; private set; } = true;

    /// <summary>Streams that it lets be open at a time.</summary>
    public uint StreamsMax { get; private set; } = uint.MaxValue;

    /// <summary>How much a new stream may send to it.</summary>
    public int InitialWindow { get; private set; } = UsualWindow;

    /// <summary>Of the payload of a frame that is sent to it.</summary>
    public int FrameBytesMax { get; private set; } = FrameBytesMin;

    /// <summary>Of a head that is sent to it: names and values, and 32 bytes for each field. Advice.</summary>
    public uint HeadBytesMax { get; private set; } = uint.MaxValue;

    /// <summary>Whether CONNECT may name a protocol (RFC 8441).</summary>
    public bool TakesExtendedConnect { get; private set; }

    /// <summary>Takes over the payload of a SETTINGS frame that is no acknowledgement; what is wrong with it ends the connection.</summary>
    /// <param name="isFromServer">A server may not ask to be pushed to.</param>
    public Http2Error Apply(ReadOnlySpan<byte> payload, bool isFromServer)
    {
        if (payload.Length % Setting.Bytes != 0)
        {
            return Http2Error.FrameSizeError;
        }

        for (; payload.Length > 0; payload = payload[Setting.Bytes..])
        {
            var setting = new Setting((SettingId)BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[2..]));
            if (Apply(setting, isFromServer) is not Http2Error.NoError and var error)
            {
                return error;
            }
        }

        return Http2Error.NoError;
    }

    private Http2Error Apply(Setting setting, bool isFromServer)
    {
        uint value = setting.Value;
        switch (setting.Id)
        {
            case SettingId.HeaderTableSize:
                HeaderTableBytes = value;
                break;
            case SettingId.EnablePush when value > (isFromServer ? 0u : 1u):
                return Http2Error.ProtocolError;
            case SettingId.EnablePush:
                TakesPushes = value == 1;
                break;
            case SettingId.MaxConcurrentStreams:
                StreamsMax = value;
                break;
            case SettingId.InitialWindowSize when value > int.MaxValue:
                return Http2Error.FlowControlError;
            case SettingId.InitialWindowSize:
                InitialWindow = (int)value;
                break;
            case SettingId.MaxFrameSize when value is < FrameBytesMin or > FrameBytesMost:
                return Http2Error.ProtocolError;
            case SettingId.MaxFrameSize:
                FrameBytesMax = (int)value;
                break;
            case SettingId.MaxHeaderListSize:
                HeadBytesMax = value;
                break;
            case SettingId.EnableConnectProtocol when value > 1:
                return Http2Error.ProtocolError;
            case SettingId.EnableConnectProtocol:
                TakesExtendedConnect = value == 1;
                break;
            default:
                // One that nobody knows is ignored.
                break;
        }

        return Http2Error.NoError;
    }
}
