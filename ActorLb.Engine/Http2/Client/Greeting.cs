namespace ActorLb.Engine.Http2.Client;

/// <summary>The beginning of a connection: what we say of ourselves, and whether the peer answers in HTTP/2 (RFC 9113, 3.4).</summary>
internal static class Greeting
{
    /// <summary>Says ours, and waits for the peer's SETTINGS, which are the input's frame then.</summary>
    /// <param name="windowBytes">Of the connection; each stream has its own.</param>
    /// <exception cref="Http2Exception">The peer does not speak it.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task ExchangeAsync(Stream stream, FrameInput input, Http2Options options, int windowBytes, CancellationToken cancellation)
    {
        await stream.WriteAsync(Ours(options, windowBytes), cancellation).ConfigureAwait(false);
        bool isThere;
        try
        {
            isThere = await input.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (Http2Exception) when (input.Unread.StartsWith("HTTP/1."u8))
        {
            throw new Http2Exception(Http2Error.Http11Required, "the backend answers in HTTP/1.1");
        }

        if (!isThere || input.Header is not { Type: FrameType.Settings, IsAck: false })
        {
            throw new Http2Exception(Http2Error.ProtocolError, "the backend does not speak it at this port");
        }
    }

    private static byte[] Ours(Http2Options options, int windowBytes)
    {
        Setting[] settings =
        [
            new(SettingId.EnablePush, 0),
            new(SettingId.InitialWindowSize, (uint)options.WindowBytes),
            new(SettingId.MaxHeaderListSize, (uint)options.Limits.FieldBytesMax),
        ];
        byte[] bytes = new byte[FrameWriter.Preface.Length + FrameWriter.SettingsBytes(settings.Length) + FrameWriter.WindowUpdateBytes];
        FrameWriter.Preface.CopyTo(bytes);
        int length = FrameWriter.Preface.Length;
        length += FrameWriter.WriteSettings(settings, bytes.AsSpan(length));
        FrameWriter.WriteWindowUpdate(0, windowBytes - PeerParameters.UsualWindow, bytes.AsSpan(length));
        return bytes;
    }
}
