<%
    // As every login does that an id from before must not survive.
    request.changeSessionId();
    session.setAttribute("user", request.getParameter("user"));
    session.setAttribute("visits", 0);
    response.setStatus(303);
    response.setHeader("Location", "/");
%>
