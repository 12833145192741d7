namespace ActorLb.Node.Cli;

/// <summary>What SIGHUP means to a command: it comes when a terminal is closed, and by hand to servers.</summary>
public enum HangUp
{
    /// <summary>A server goes on: it has no terminal to lose.</summary>
    GoesOn,

    /// <summary>What was started to be looked at ends with its terminal; a signal that comes by hand does nothing here either.</summary>
    EndsWithTerminal,
}
