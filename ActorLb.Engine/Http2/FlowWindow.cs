namespace ActorLb.Engine.Http2;

/// <summary>How many bytes of DATA one side may still send, on a stream or a connection (RFC 9113, 6.9). One thread at a time.</summary>
internal struct FlowWindow(int size)
{
    /// <summary>Below 0 where the initial window has become smaller than what was sent already (6.9.2).</summary>
    public int Size { get; private set; } = size;

    /// <summary>Takes all of these bytes, or none and returns false.</summary>
    public bool TryTake(int bytes)
    {
        if (bytes > Size && bytes > 0)
        {
            return false;
        }

        Size -= bytes;
        return true;
    }

    /// <summary>Takes as many of these bytes as there are, and returns how many.</summary>
    public int Take(int bytes)
    {
        int taken = Math.Clamp(Size, 0, bytes);
        Size -= taken;
        return taken;
    }

    /// <summary>Adds what a WINDOW_UPDATE brought. Without any it is a PROTOCOL_ERROR, above 2^31-1 a FLOW_CONTROL_ERROR; nothing is added then.</summary>
    public bool TryAdd(uint increment, out Http2Error error)
    {
        error = increment == 0 ? Http2Error.ProtocolError : Size + (long)increment > int.MaxValue ? Http2Error.FlowControlError : Http2Error.NoError;
        if (error != Http2Error.NoError)
        {
            return false;
        }

        Size = (int)(Size + (long)increment);
        return true;
    }

    /// <summary>Goes along with a change of the initial window. False above 2^31-1, a FLOW_CONTROL_ERROR; nothing is changed then.</summary>
    public bool TryShift(int delta)
    {
        long shifted = (long)Size + delta;
        if (shifted is > int.MaxValue or < int.MinValue)
        {
            return false;
        }

        Size = (int)shifted;
        return true;
    }
}
