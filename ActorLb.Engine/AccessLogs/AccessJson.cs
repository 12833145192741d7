using ActorLb.Shared.Settings;

namespace ActorLb.Engine.AccessLogs;

/// <summary>One request as one object of JSON, of the fields that were chosen. Pure; allocates nothing.</summary>
internal static class AccessJson
{
    /// <summary>What may come behind the bytes that a value was given: the dots of one that was cut, and its quotes.</summary>
    private const int EndBytes = 4;

    public static void Write(ref LineText text, in AccessRecord record, AccessFields fields)
    {
        foreach (ref readonly AccessFields.Member member in fields.Members)
        {
            text.Raw(member.Lead);
            Write(ref text, record, member);
        }

        text.Raw("}"u8);
    }

    /// <summary>Of a target without its query and, where it has one, its authority.</summary>
    internal static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> target)
    {
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = query < 0 ? target : target[..query];
        int authority = path.StartsWith("/"u8) ? -1 : path.IndexOf("://"u8);
        if (authority < 0)
        {
            return path;
        }

        path = path[(authority + 3)..];
        int slash = path.IndexOf((byte)'/');
        return slash < 0 ? "/"u8 : path[slash..];
    }

    /// <summary>Behind the question mark.</summary>
    internal static ReadOnlySpan<byte> QueryOf(ReadOnlySpan<byte> target) =>
        target.IndexOf((byte)'?') is >= 0 and var mark ? target[(mark + 1)..] : default;

    private static void Write(ref LineText text, in AccessRecord record, in AccessFields.Member member)
    {
        switch (member.Field)
        {
            case AccessField.Status:
                text.Number(record.Status);
                break;
            case AccessField.Attempts:
                text.Number(record.Attempts);
                break;
            case AccessField.Bytes:
                text.Number(record.BytesSent);
                break;
            case AccessField.BytesReceived:
                text.Number(record.BytesReceived);
                break;
            case AccessField.Microseconds:
                text.Number(record.Microseconds);
                break;
            case AccessField.QueueMicroseconds:
                Time(ref text, record.QueueMicroseconds);
                break;
            case AccessField.ConnectMicroseconds:
                Time(ref text, record.ConnectMicroseconds);
                break;
            case AccessField.FirstByteMicroseconds:
                Time(ref text, record.FirstByteMicroseconds);
                break;
            default:
                text.Raw("\""u8);
                Text(ref text, record, member);
                text.Raw("\""u8);
                break;
        }
    }

    private static void Text(ref LineText text, in AccessRecord record, in AccessFields.Member member)
    {
        int room = text.Room - member.Reserved - EndBytes;
        int few = Math.Min(AccessLine.ShortFieldBytesMax, room);
        int many = Math.Min(AccessLine.LongFieldBytesMax, room);
        switch (member.Field)
        {
            case AccessField.Time:
                text.Time(record.UnixMilliseconds, "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fff'Z'");
                break;
            case AccessField.Client:
                Value(ref text, record.Client, few);
                break;
            case AccessField.Method:
                Value(ref text, record.Method, few);
                break;
            case AccessField.Target:
                Value(ref text, record.Target, many);
                break;
            case AccessField.Path:
                Value(ref text, PathOf(record.Target), many);
                break;
            case AccessField.Query:
                Value(ref text, QueryOf(record.Target), many);
                break;
            case AccessField.Host:
                Value(ref text, record.Host, few);
                break;
            case AccessField.Version:
                Value(ref text, record.Version, few);
                break;
            case AccessField.Tls:
                Value(ref text, record.Tls, few);
                break;
            case AccessField.Session:
                Value(ref text, record.Session, few);
                break;
            case AccessField.Reason:
                Value(ref text, AccessLine.Reasons[(int)record.Failure], few);
                break;
            case AccessField.Referer:
                Value(ref text, record.Referer, many);
                break;
            case AccessField.UserAgent:
                Value(ref text, record.UserAgent, many);
                break;
            case AccessField.RequestId:
                Value(ref text, record.RequestId, few);
                break;
            case AccessField.Listener:
                AccessLine.Name(ref text, record.Listener, ""u8, few);
                break;
            case AccessField.Route:
                AccessLine.Name(ref text, record.Route, ""u8, few);
                break;
            case AccessField.Pool:
                AccessLine.Name(ref text, record.Pool, ""u8, few);
                break;
            case AccessField.Backend:
                AccessLine.Name(ref text, record.Backend, ""u8, few);
                break;
            case AccessField.TraceId when record.Trace != default:
                text.Hex(record.Trace.High);
                text.Hex(record.Trace.Low);
                break;
            case AccessField.Header when member.Header < record.Headers.Length:
                Value(ref text, record.Headers[member.Header].Of(record.HeaderSource), few);
                break;
        }
    }

    private static void Value(ref LineText text, ReadOnlySpan<byte> value, int max) => text.Value(value, blanks: true, max, ""u8);

    private static void Time(ref LineText text, long? microseconds)
    {
        if (microseconds is { } known)
        {
            text.Number(known);
        }
        else
        {
            text.Raw("null"u8);
        }
    }
}
