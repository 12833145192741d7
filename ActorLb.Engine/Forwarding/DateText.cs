using System.Buffers.Text;

namespace ActorLb.Engine.Forwarding;

/// <summary>The value of Date for answers that have none (RFC 9110, 6.6.1), written once a second.</summary>
internal sealed class DateText(TimeProvider time)
{
    private readonly byte[] _text = new byte[29];
    private long _second = -1;

    public ReadOnlySpan<byte> Now
    {
        get
        {
            DateTimeOffset now = time.GetUtcNow();
            long second = now.ToUnixTimeSeconds();
            if (second != _second)
            {
                _second = second;
                Utf8Formatter.TryFormat(now, _text, out _, 'R');
            }

            return _text;
        }
    }
}
